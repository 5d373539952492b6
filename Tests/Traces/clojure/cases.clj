; Errors of Clojure, one function per way to fail.
(ns bank)

(defn pay [number]
  (throw (ex-info (str "account " number) {:account number})))

(defn take-from [number]
  (try
    (pay number)
    (catch Exception error (throw (RuntimeException. "payment failed" error)))))

(defn lines [] (throw (ex-info "first line\nsecond line" {})))

(defn printed [] (try (take-from 17) (catch Exception error (prn error))))

(defn stack [] (try (take-from 17) (catch Exception error (.printStackTrace error))))

(case (first *command-line-args*)
  "plain" (pay 17)
  "cause" (take-from 17)
  "lines" (lines)
  "divide" (/ 1 0)
  "printed" (printed)
  "stack" (stack))
