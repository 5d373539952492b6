package com.acme;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Errors of Java, one method per way to fail. */
public class Cases {
    static class Overdrawn extends Exception {
        Overdrawn(String text) { super(text); }
        Overdrawn(String text, Throwable cause) { super(text, cause); }
    }

    /** A name that doesn't say what it is. */
    static class Trouble extends RuntimeException {
        Trouble(String text, Throwable cause) { super(text, cause); }
    }

    static class Door implements AutoCloseable {
        final String name;
        Door(String name) { this.name = name; }
        @Override public void close() throws Exception { throw new IllegalStateException("stuck: " + name); }
    }

    static void pay(int account) throws Overdrawn { throw new Overdrawn("account " + account); }

    static void caught(Throwable error) { error.printStackTrace(); }

    static void cause() {
        try { pay(17); } catch (Overdrawn error) { throw new Trouble("payment failed", error); }
    }

    static void suppressed() throws Exception {
        try (Door door = new Door("front"); Door other = new Door("back")) { pay(17); }
    }

    static void nested() throws Exception {
        try { suppressed(); } catch (Exception error) {
            Trouble trouble = new Trouble("night run", error);
            try { cause(); } catch (RuntimeException second) { trouble.addSuppressed(second); }
            throw trouble;
        }
    }

    static int deep(int n) { return deep(n + 1) + 1; }

    public static void main(String[] arguments) throws Throwable {
        try {
            switch (arguments[0]) {
                case "plain": pay(17); break;
                case "cause": cause(); break;
                case "suppressed": suppressed(); break;
                case "nested": nested(); break;
                case "lines": throw new Overdrawn("first line\nsecond line\n  third: indented");
                case "blank": throw new Overdrawn("before the blank line\n\nafter it");
                case "circular":
                    Exception one = new Exception("one"); Exception two = new Exception("two", one);
                    one.initCause(two); throw one;
                case "noMessage": throw new NullPointerException();
                case "inner": new Object() { void run() { throw new IllegalArgumentException("inner"); } }.run(); break;
                case "lambda": java.util.List.of(1, 0).forEach(n -> System.out.print(n == 0 ? "" + 1 / n : "")); break;
                case "future":
                    CompletableFuture.supplyAsync(() -> { throw new Trouble("async", null); }).get(); break;
                case "reflect": Cases.class.getDeclaredMethod("cause").invoke(null); break;
                case "longChain":
                    Throwable chain = new Exception("0");
                    for (int i = 1; i < 5; i++) chain = new Exception("level " + i, chain);
                    throw chain;
                case "sql":
                    throw new Trouble("could not execute statement [\nSELECT a.id,\n       a.balance\n  FROM accounts a\n WHERE a.id = ?\n]",
                        new java.sql.SQLException("ERROR: relation \"accounts\" does not exist\n  Position: 15", "42P01"));
                case "uncaught": fail(() -> pay(17)); break;
                case "uncaughtCause": fail(() -> nested()); break;
                case "overflow": fail(() -> { throw new Error(new StackOverflowError()); }); break;
                case "thread":
                    Thread thread = new Thread(() -> cause(), "pool-1-thread-1"); thread.start(); thread.join(); break;
                case "sleep": Thread.sleep(60_000); break;
                default: throw new IllegalArgumentException(arguments[0]);
            }
        } catch (Uncaught error) { throw error.getCause(); } catch (Throwable error) { caught(error); }
    }

    interface Act { void run() throws Throwable; }
    static class Uncaught extends RuntimeException { Uncaught(Throwable cause) { super(cause); } }
    static void fail(Act act) { try { act.run(); } catch (Throwable error) { throw new Uncaught(error); } }
}
