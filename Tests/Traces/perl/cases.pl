# Errors of Perl, one function per way to fail.
package Bank;
use strict;
use warnings;
use Carp qw(confess cluck longmess);

sub pay { my ($account, %options) = @_; confess "account $account is overdrawn" }
sub warned { cluck "account $_[0] is low" }
sub nested { eval { pay(17, force => 1) }; confess "payment failed: $@" }
sub lines { confess "first line\nsecond line" }

package main;
my $case = shift;
if ($case eq "confess") { Bank::pay(17, note => "two words", list => [1]) }
if ($case eq "cluck") { Bank::warned(17) }
if ($case eq "longmess") { (sub { print STDERR Carp::longmess("from a closure") })->("x") }
if ($case eq "nested") { Bank::nested("a") }
if ($case eq "lines") { Bank::lines() }
