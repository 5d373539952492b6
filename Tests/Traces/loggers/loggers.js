// Ordinary lines of Winston; the last one is an error.
const winston = require("winston");
const { combine, timestamp, printf, json, simple } = winston.format;
const formats = {
  line: combine(timestamp(), printf(({ level, message, timestamp }) => `${timestamp} [${level}]: ${message}`)),
  simple: simple(),
  json: combine(timestamp(), json()),
};
const logger = winston.createLogger({ format: formats[process.argv[2]], transports: [new winston.transports.Console()] });
for (const text of ["listening on port 8080", "GET /accounts/17 took 12 ms", "at startup: 3 workers", "Error handling is switched on"]) logger.info(text);
logger.warn("slow query (312 ms): SELECT * FROM accounts");
logger.error("payment of account 17 failed");
