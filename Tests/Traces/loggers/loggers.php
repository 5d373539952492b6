<?php
// Ordinary lines of Monolog; the last one is an ERROR.
require 'Monolog/autoload.php';
$logger = new Monolog\Logger('bank');
$logger->pushHandler(new Monolog\Handler\StreamHandler('php://stdout'));
foreach (['listening on port 8080', 'GET /accounts/17 took 12 ms', '#3 is the next in line', 'Next: 3 workers'] as $text) { $logger->info($text, ['account' => 17]); }
$logger->warning('slow query (312 ms): SELECT * FROM accounts');
$logger->error('payment of account 17 failed', ['code' => 17]);
