<?php
// Errors of PHP, one branch per way to fail.
namespace Acme;

class Overdrawn extends \Exception {}
class BankProblem extends \RuntimeException {}

class Account
{
    public function pay(int $number, array $options = [], ?string $text = null): void
    {
        throw new Overdrawn("account $number");
    }

    public function take(int $number): void
    {
        try {
            $this->pay($number, ['a' => 1], 'a long text that is cut off by the trace');
        } catch (Overdrawn $error) {
            throw new BankProblem('payment failed', 17, $error);
        }
    }
}

switch ($argv[1]) {
    case 'plain': (new Account())->pay(17); break;
    case 'previous': (new Account())->take(17); break;
    case 'lines': throw new BankProblem("first line\nsecond line\n  third line");
    case 'type': (new Account())->pay('seventeen'); break;
    case 'division': echo intdiv(1, 0); break;
    case 'undefined': no_such_function(17); break;
    case 'noMessage': throw new Overdrawn();
    case 'closure': array_map(function ($number) { (new Account())->take($number); }, [17]); break;
    case 'warning': echo $undefined; break;
    case 'toString':
        try { (new Account())->pay(17); } catch (\Exception $error) { fwrite(STDERR, "$error\n"); }
        break;
    case 'toStringPrevious':
        try { (new Account())->take(17); } catch (\Exception $error) { fwrite(STDERR, "$error\n"); }
        break;
}
