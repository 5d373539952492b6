/// What the sample services say. `#` stands for a number that is different in each record.
enum SampleRecords {
    static let java: [[String]] = [
        ["INFO  c.s.c.CheckoutService - order # accepted, 3 items, 61.90 EUR"],
        ["INFO  c.s.c.PaymentClient - payment # authorised in 84 ms"],
        [
            "ERROR c.s.c.CheckoutController - order # failed",
            "java.lang.IllegalStateException: payment for order # was declined",
            "\tat com.shop.checkout.PaymentClient.authorise(PaymentClient.java:88)",
            "\tat com.shop.checkout.CheckoutService.place(CheckoutService.java:41)",
            "\tat java.base/java.lang.Thread.run(Thread.java:1583)",
            "Caused by: java.net.SocketTimeoutException: Read timed out",
            "\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)",
            "\t... 42 more",
        ],
        ["WARN  c.s.c.StockClient - retry 1 of 3 for article #"],
    ]

    static let python: [[String]] = [
        ["INFO:     10.2.0.17:# - \"POST /v1/rank HTTP/1.1\" 200 OK"],
        ["{\"level\":\"info\",\"msg\":\"batch scored\",\"batch\":#,\"size\":64,\"ms\":17.2}"],
        ["INFO:     model ranker-v42 answered request # in 12 ms"],
        [
            "ERROR:    scoring of request # failed",
            "Traceback (most recent call last):",
            "  File \"/app/serve.py\", line 71, in rank",
            "    scores = model(features)",
            "             ^^^^^^^^^^^^^^^",
            "  File \"/app/model.py\", line 29, in __call__",
            "    return self.net(batch)",
            "RuntimeError: CUDA out of memory (request #)",
        ],
    ]

    static let go: [[String]] = [
        ["time=2026-01-01T00:00:00Z level=INFO msg=\"request done\" id=# status=200"],
        [
            "panic: runtime error: index out of range [#] with length 3",
            "",
            "goroutine 34 [running]:",
            "main.pick(...)",
            "\t/src/main.go:27",
            "main.handle(0xc000112000, 0x2a)",
            "\t/src/main.go:61 +0x1d4",
            "created by main.serve in goroutine 1",
            "\t/src/main.go:90 +0x85",
        ],
        ["time=2026-01-01T00:00:01Z level=INFO msg=\"worker # started\""],
        ["time=2026-01-01T00:00:02Z level=WARN msg=\"slow upstream\" id=# ms=912"],
    ]
}
