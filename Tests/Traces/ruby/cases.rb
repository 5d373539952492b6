# Errors of Ruby, one branch per way to fail.
class Overdrawn < StandardError; end
class BankProblem < RuntimeError; end

class Account
  def pay(number)
    raise Overdrawn, "account #{number}"
  end

  def take(number)
    pay(number)
  rescue Overdrawn
    raise BankProblem, "payment failed"
  end
end

def deep(n)
  deep(n + 1)
end

case ARGV[0]
when "plain" then [17].each { |number| Account.new.pay(number) }
when "cause" then Account.new.take(17)
when "deepCause"
  begin
    Account.new.take(17)
  rescue BankProblem
    Integer("seventeen")
  end
when "noMethod" then nil.balance
when "nameError" then acount
when "key" then { a: 1 }.fetch(:b)
when "lines" then raise BankProblem, "first line\nsecond line\n  third line"
when "syntax" then eval("def x\n  1 +\nend\n")
when "thread"
  # `join` would raise it a second time.
  thread = Thread.new { Account.new.pay(17) }
  sleep 0.01 while thread.alive?
when "stack" then deep(0)
when "system" then File.read("/no/such/file")
when "load" then require "no_such_library"
when "full"
  begin
    Account.new.take(17)
  rescue => error
    $stderr.puts error.full_message(highlight: false, order: :bottom)
  end
when "detailed"
  begin
    Account.new.take(17)
  rescue => error
    $stderr.puts error.full_message(highlight: false, order: :top)
  end
end
