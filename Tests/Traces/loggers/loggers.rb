# Ordinary lines of Ruby's Logger; the last one is an ERROR.
require "logger"
logger = Logger.new($stdout)
logger.formatter = proc { |severity, time, _, text| "[#{time.utc.strftime('%Y-%m-%dT%H:%M:%S.%6N')}] #{severity} -- : #{text}\n" } if ARGV[0] == "rails"
["listening on port 8080", "Started GET \"/accounts\" for 127.0.0.1 at 2026-01-01 12:00:00 +0000", "Processing by AccountsController#index as HTML",
 "Completed 200 OK in 12ms (Views: 3.1ms | ActiveRecord: 1.0ms)", "from now on: 3 workers"].each { |text| logger.info(text) }
logger.warn("slow query (312 ms): SELECT * FROM accounts")
logger.error("payment of account 17 failed")
