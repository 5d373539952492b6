package com.acme;

/** Ordinary lines through SLF4J, Log4j 2 or java.util.logging; the last one is an ERROR. */
public class Loggers {
    static final String[] TEXTS = {
        "listening on port 8080", "GET /accounts/17 took 12 ms", "com.acme.Bank: opened", "Exception handling is switched on",
        "at com.acme there are 3 workers", "Caused by a user: logout", "slow query (312 ms): SELECT * FROM accounts"};

    public static void main(String[] arguments) {
        String failure = "payment of account 17 failed";
        switch (arguments[0]) {
            case "slf4j":
                org.slf4j.Logger slf4j = org.slf4j.LoggerFactory.getLogger(Loggers.class);
                for (String text : TEXTS) slf4j.info(text);
                slf4j.error(failure);
                break;
            case "log4j":
                org.apache.logging.log4j.Logger log4j = org.apache.logging.log4j.LogManager.getLogger(Loggers.class);
                for (String text : TEXTS) log4j.info(text);
                log4j.error(failure);
                break;
            default:
                java.util.logging.Logger jul = java.util.logging.Logger.getLogger("com.acme");
                for (String text : TEXTS) jul.info(text);
                jul.severe(failure);
        }
    }
}
