package import TailraceCore

/// All settings. This is the one place that knows them: each is read once, here, in the order of the documentation.
package struct Settings: Sendable {
    package let paths: [String]
    package let excludedPaths: [String]
    package let readFrom: TailRules.ReadFrom
    /// `nil`: however old they are.
    package let ignoreOlder: Duration?
    package let openFilesMax: Int
    package let closeDeletedAfter: Duration
    /// `nil`: each file's first lines tell.
    package let format: LogFormat?
    package let joining: JoinRules
    package let joinTimeout: Duration
    package let errorFields: ErrorFields
    package let metadata: Metadata
    package let maxLineBytes: Int

    package let dataset: String
    package let namespace: String
    /// An index or alias instead of the data stream.
    package let index: IndexName?
    package let isSetUpAtStart: Bool
    /// `nil`: documents are never deleted.
    package let retention: Duration?
    package let givenFields: [NamedText]
    /// What the surroundings say about us, weaker than `givenFields`.
    package let surroundings: Surroundings

    package let endpoints: [EndpointURL]
    /// As it was set, or as the URL tells; Elasticsearch where neither does.
    package let endpointKind: EndpointKind
    /// False where the endpoint may be asked what it is.
    package let isKindKnown: Bool
    private let isMaxLineByDefault: Bool
    package let credentials: Credentials?
    package let caFile: String?
    /// SHA-256 of certificates that are trusted.
    package let certificatePins: [[UInt8]]
    package let clientCertificateFile: String?
    package let clientKeyFile: String?
    package let clientKeyPassphrase: Secret?
    package let insecureSkipVerify: Bool
    package let headers: [NamedText]
    /// Where the headers were read from, if they were.
    package let headersFile: String?
    package let query: [NamedText]
    package let proxies: ProxyRules
    package let requestTimeout: Duration
    package let connectTimeout: Duration
    package let connectionMaxAge: Duration
    package let backoffMax: Duration
    package let maxConcurrency: Int
    package let compression: Compression
    package let batchBytes: Int
    package let batchRecords: Int
    package let flushInterval: Duration
    package let memoryLimit: Int
    package let isOutputStandard: Bool
    package let deadLetterTarget: DeadLetterSettings.Target
    package let deadLetterSizeMax: Int

    package var stateDirectory: String
    package var spool: SpoolSettings
    package var spoolDirectory: String
    package let captureMax: Int
    package let execWhenFull: CaptureSettings.WhenFull
    package let shutdownTimeout: Duration
    package let admin: AdminAddress
    package let logLevel: String
    /// `text`, `json` or `auto`.
    package let logFormat: String

    /// Reads all of them. What is wrong is then in `reader.mistakes`, and the value is the default.
    package init(reading reader: inout SettingReader) {
        paths = reader.value(
            "PATHS", .globs(example: "/logs/*.log,/srv/**/*.log"), default: "/var/log/app/**/*.log",
            "Files to ship, as globs; `**` is any number of folders, `{a,b}` is either; `-` is standard input.")
        excludedPaths = reader.value(
            "EXCLUDE", .globs(example: "*.tmp,/logs/debug/**"), default: "*.gz,*.bz2,*.xz,*.zst,*.zip,*.tmp",
            "Files not to ship, as globs; one without a slash is held against the file's name.")
        let readFrom = reader.value(
            "READ_FROM", .choice(TailRules.ReadFrom.allCases.map(\.rawValue)), default: "beginning",
            "Where files are read from that were never seen before; `end` is for those that are there at the start; `checkpoint-only` leaves them unread."
        )
        self.readFrom = TailRules.ReadFrom(rawValue: readFrom) ?? .beginning
        ignoreOlder = reader.optional(
            "IGNORE_OLDER", .duration(.seconds(1)...(.seconds(3600 * 24 * 3650)), example: "48h"),
            default: "(none)",
            "Files never seen before, and not written to for so long, are not read until they are written to.")
        openFilesMax = reader.value(
            "MAX_OPEN_FILES", .count(8...100_000), default: "512",
            "Log files open at once; of more, the quiet ones are closed and watched.")
        closeDeletedAfter = reader.value(
            "CLOSE_DELETED_AFTER", .duration(.zero...(.seconds(86400)), example: "5m"), default: "1m",
            "How long a deleted file is read on, once read to its end: its disk space is not free before.")
        let format = reader.value(
            "FORMAT", .choice(["auto", "plain", "docker", "cri"]), default: "auto",
            "What lines look like; `auto` looks at the first lines of each file.")
        self.format = LogFormat(rawValue: format)
        let joined = reader.value(
            "MULTILINE", .joined, default: "auto",
            "What to join into one record: the stack traces of all known languages, nothing, some languages or kinds of data, or what `TAILRACE_MULTILINE_PATTERN` says."
        )
        joinTimeout = reader.value(
            "MULTILINE_TIMEOUT", .duration(.milliseconds(10)...(.seconds(3600)), example: "2s"), default: "1s",
            "How long a record waits for a further line.")
        let joinLimits = JoinLimits(
            maxLines: reader.value(
                "MULTILINE_MAX_LINES", .count(1...100_000), default: "1000",
                "Lines of one record; what comes beyond is a record of its own."),
            maxBytes: reader.value(
                "MULTILINE_MAX_BYTES", .size(1024...(16 << 20), example: "2MiB"), default: "1MiB",
                "Bytes of text of one joined record; what comes beyond is a record of its own."))
        let joinsIndented = reader.value(
            "MULTILINE_INDENT", .flag, default: "false",
            "Lines with blanks or tabs in front belong to the line before them, whatever that is.")
        let pattern = reader.optional(
            "MULTILINE_PATTERN", .expression,
            "Regular expression (PCRE2) that says which lines belong together; it takes the place of the languages.")
        let mode = reader.value(
            "MULTILINE_MODE", .choice(JoinPattern.Mode.allCases.map(\.rawValue)), default: "starts",
            "What a line means that matches the pattern: it starts a record, continues one, or ends one.")
        joining = Self.joining(joined, pattern, mode, joinLimits, joinsIndented, &reader)
        let errorFields = reader.value(
            "ERROR_FIELDS", .choice(ErrorFields.allCases.map(\.rawValue)), default: "all",
            "What documents of stack traces have besides the text: `error.type`, `error.message`, `error.language` and `error.stack_trace`; `brief` leaves out the last; or none."
        )
        self.errorFields = ErrorFields(rawValue: errorFields) ?? .all
        let metadata = reader.value(
            "METADATA", .choice(Metadata.allCases.map(\.rawValue)), default: "full",
            "What documents say besides: `lean` leaves out `agent.*`, `ecs.version`, `data_stream.*`, `event.created` and `stream`, which `log.iostream` says as well."
        )
        self.metadata = Metadata(rawValue: metadata) ?? .full
        maxLineBytes = reader.value(
            "MAX_LINE", .size(1024...(16 << 20), example: "256KiB"), default: "1MiB",
            "Bytes of one line; the rest is cut off, and the record is flagged `truncated`.")

        dataset = reader.value(
            "DATASET", .dataStreamPart, default: "tailrace",
            "Middle part of the data stream `logs-<dataset>-<namespace>` that records go to.")
        namespace = reader.value(
            "NAMESPACE", .dataStreamPart, default: "default", "Last part of the data stream.")
        index = reader.optional(
            "INDEX", .index,
            "Index or alias to write to, instead of the data stream; `{service.name}` is a field of the records, `{service.name:other}` the same with what is used without it, and `{+yyyy.MM.dd}` the date of `@timestamp`."
        )
        givenFields = reader.value(
            "FIELDS", .pairs(example: "service.environment=prod,labels.team=ml"), default: "",
            "Fields to add to every record; dots make objects; `%2C` is a comma.")
        isSetUpAtStart =
            reader.value(
                "SETUP", .choice(["off", "auto"]), default: "off",
                "`auto` does at the start what `tailrace setup` does: index template, retention, data stream.")
            == "auto"
        retention = reader.optional(
            "RETENTION", .duration(.seconds(3600)...(.seconds(3600 * 24 * 3650)), example: "720h"),
            default: "(for ever)",
            "After which `tailrace setup` has the cluster delete documents; whole days.")
        surroundings = Surroundings(reading: &reader)

        endpoints = reader.value(
            "ENDPOINT", .urls, aliases: ["ELASTICSEARCH_HOSTS", "ELASTICSEARCH_HOST", "ELASTICSEARCH_URL"],
            default: "http://elasticsearch:9200",
            "Where `_bulk` is; a path before it belongs to the URL; of several, the one with the fewest requests under way is used, and one that fails is left alone for a while. A Unix socket is `unix:///run/search.sock`."
        )
        let kind = EndpointKind.named(
            reader.value(
                "ENDPOINT_KIND", .choice(["auto"] + EndpointKind.all.map(\.name)), default: "auto",
                "What the endpoint is; `auto` goes by its URL, and else asks it once."))
        let guessed = endpoints.first.flatMap { EndpointKind.of(host: $0.host, path: $0.pathPrefix) }
        endpointKind = kind ?? guessed ?? .elasticsearch
        isKindKnown = kind != nil || guessed != nil
        isMaxLineByDefault = reader.isByDefault("MAX_LINE")
        var apiKey = reader.optional(
            "API_KEY", .secret, aliases: ["ELASTICSEARCH_API_KEY"],
            "API key, as `id:key` or in the encoded form that Kibana shows.")
        let user = reader.optional(
            "USERNAME", .text(example: "elastic"), aliases: ["ELASTICSEARCH_USERNAME"], "Name for HTTP Basic.")
        var password = reader.optional(
            "PASSWORD", .secret, aliases: ["ELASTICSEARCH_PASSWORD"], "Password for HTTP Basic.")
        var token = reader.optional("BEARER_TOKEN", .secret, "Token for `Authorization: Bearer`.")
        apiKey = apiKey.map { Secret($0.revealed, file: reader.file(of: "API_KEY")) }
        password = password.map { Secret($0.revealed, file: reader.file(of: "PASSWORD")) }
        token = token.map { Secret($0.revealed, file: reader.file(of: "BEARER_TOKEN")) }
        let service = reader.optional(
            "AWS_SERVICE", .choice(AWSSettings.Service.allCases.map(\.rawValue)), default: "(not signed)",
            "Sign requests for Amazon OpenSearch Service (`es`) or Serverless (`aoss`), with the keys that AWS's own tools would find."
        )
        let region = reader.optional(
            "AWS_REGION", .text(example: "eu-west-1"), aliases: ["AWS_REGION", "AWS_DEFAULT_REGION"],
            default: "(the endpoint's)",
            "Region that requests are signed for, where the endpoint's name does not tell it.")
        let aws = AWSSettings(
            service.flatMap { AWSSettings.Service(rawValue: $0) }, region: region, endpoint: endpoints.first,
            reading: &reader)
        credentials = Self.credentials(apiKey, user, password, token, aws, &reader)
        caFile = reader.optional(
            "CA_FILE", .text(example: "/etc/tls/ca.pem"), aliases: ["ELASTICSEARCH_CA"],
            default: "(the system's)", "Certificates to trust instead of the system's, in PEM.")
        certificatePins = reader.value(
            "CA_SHA256", .fingerprints, default: "",
            "Trust only a CA with one of these SHA-256 fingerprints, as Elasticsearch prints it at its first start, or a server whose own certificate has it."
        )
        if caFile != nil, !certificatePins.isEmpty {
            reader.report(
                "CA_SHA256", "and TAILRACE_CA_FILE are both set",
                remedy: "Each says by itself whom to trust: unset one.")
        }
        clientCertificateFile = reader.optional(
            "CLIENT_CERT_FILE", .text(example: "/etc/tls/client.pem"), "Our own certificate and its chain, in PEM.")
        clientKeyFile = reader.optional(
            "CLIENT_KEY_FILE", .text(example: "/etc/tls/client.key"), "Key of our own certificate, in PEM.")
        clientKeyPassphrase = reader.optional(
            "CLIENT_KEY_PASSPHRASE", .secret, "Of that key, if it is encrypted."
        ).map { Secret($0.revealed, file: reader.file(of: "CLIENT_KEY_PASSPHRASE")) }
        if (clientCertificateFile == nil) != (clientKeyFile == nil) {
            reader.report(
                clientKeyFile == nil ? "CLIENT_KEY_FILE" : "CLIENT_CERT_FILE", "is missing",
                remedy: "A certificate and its key are set together.")
        }
        insecureSkipVerify = reader.value(
            "INSECURE_SKIP_VERIFY", .flag, default: "false",
            "Trust any certificate: whoever is on the way can then read the logs and the credentials.")
        headers = reader.value(
            "HEADERS", .pairs(example: "X-Scope-OrgID=team-a", isSecret: true), default: "",
            "Headers to add to every request.")
        headersFile = reader.file(of: "HEADERS")
        query = reader.value(
            "QUERY", .pairs(example: "pipeline=logs"), default: "", "Query parameters to add to every bulk request.")
        proxies = ProxyRules(
            reader.optional(
                "PROXY", .proxy, default: "(the system's)",
                "HTTP proxy for all endpoints; else `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are honoured."
            ),
            reading: &reader)
        requestTimeout = reader.value(
            "REQUEST_TIMEOUT", .duration(.seconds(1)...(.seconds(3600)), example: "90s"), default: "1m",
            "How long a bulk request may take in all.")
        connectTimeout = reader.value(
            "CONNECT_TIMEOUT", .duration(.milliseconds(100)...(.seconds(300)), example: "5s"), default: "10s",
            "How long connecting may take, with name resolution and TLS.")
        connectionMaxAge = reader.value(
            "CONNECTION_MAX_AGE", .duration(.seconds(1)...(.seconds(86400)), example: "2m"), default: "5m",
            "Age at which a connection is replaced: the name is looked up again, and load balancers can spread.")
        backoffMax = reader.value(
            "BACKOFF_MAX", .duration(.milliseconds(100)...(.seconds(3600)), example: "1m"), default: "30s",
            "Longest pause between two attempts; a longer `Retry-After` of the endpoint is kept.")
        maxConcurrency = reader.value(
            "MAX_CONCURRENCY", .count(1...32), default: "2", "Bulk requests under way at once.")
        compression = Compression(reading: &reader)
        let batch = reader.optional(
            "BATCH_BYTES", .size((16 << 10)...(64 << 20), example: "4MiB"),
            default: "(1536KiB, or half of TAILRACE_MEMORY_LIMIT)",
            "Size of a bulk request before compression at which it is sent.")
        batchRecords = reader.value(
            "BATCH_RECORDS", .count(1...100_000), default: "4000", "Records of a bulk request at which it is sent.")
        flushInterval = reader.value(
            "FLUSH_INTERVAL", .duration(.zero...(.seconds(3600)), example: "500ms"), default: "1s",
            "Age at which a bulk request is sent however small it is.")
        memoryLimit = reader.value(
            "MEMORY_LIMIT", .size((1 << 20)...(4 << 30), example: "32MiB"), default: "5MiB",
            "Of everything between reading and acknowledgement; when it is used up, reading waits.")
        batchBytes = batch ?? min(1536 << 10, memoryLimit / 2)
        isOutputStandard =
            reader.value(
                "OUTPUT", .choice(["endpoint", "stdout"]), default: "endpoint",
                "`stdout` writes one JSON document a line to standard output instead of sending it.") == "stdout"

        let deadLetter = reader.value(
            "DEAD_LETTER", .choice(["file", "index", "drop"]), default: "file",
            "Where records go that the endpoint refuses for good: files in the state folder, an index, or nowhere.")
        let deadLetterIndex = reader.optional(
            "DEAD_LETTER_INDEX", .plainIndex, default: "(logs-DATASET.dead_letter-NAMESPACE)",
            "Data stream, index or alias for `TAILRACE_DEAD_LETTER=index`; what it refuses goes to the files.")
        deadLetterTarget =
            switch deadLetter {
            case "index": .index(deadLetterIndex ?? "logs-\(dataset).dead_letter-\(namespace)")
            case "drop": .drop
            default: .file
            }
        deadLetterSizeMax = reader.value(
            "DEAD_LETTER_MAX_SIZE", .size((1 << 20)...(64 << 30), example: "256MiB"), default: "64MiB",
            "Of the files of dead letters; beyond it the oldest quarter is removed, which is said and counted.")

        stateDirectory = reader.value(
            "STATE_DIR", .text(example: "/state"), default: "/var/lib/tailrace",
            "Folder that checkpoints are kept in; it has to outlive the process.")
        spool = SpoolSettings(reading: &reader)
        spoolDirectory =
            reader.optional(
                "SPOOL_DIR", .text(example: "/spool"), default: "(spool in TAILRACE_STATE_DIR)",
                "Folder of the spool.") ?? "\(stateDirectory)/spool"
        captureMax = reader.value(
            "CAPTURE_MAX_SIZE", .size((4 << 20)...(1 << 40), example: "1GiB"), default: "256MiB",
            "Of what came from standard input or from the app under `tailrace exec` and is not delivered yet, in the state folder."
        )
        let execWhenFull = reader.value(
            "EXEC_WHEN_FULL", .choice(CaptureSettings.WhenFull.allCases.map(\.rawValue)), default: "spool",
            "When that is full: `spool` has batches go to the spool before it is, lets the app wait for at most 1 s, and then drops lines; `block` lets the app wait; `drop` drops lines at once."
        )
        self.execWhenFull = CaptureSettings.WhenFull(rawValue: execWhenFull) ?? .spool
        shutdownTimeout = reader.value(
            "SHUTDOWN_TIMEOUT", .duration(.zero...(.seconds(3600)), example: "50s"), default: "20s",
            "How long SIGTERM waits for what has been read to be delivered.")
        admin = reader.value(
            "ADMIN", .address, default: "0.0.0.0:9400",
            "Where `/metrics`, `/livez`, `/readyz` and `/status` are served.")
        logLevel = reader.value(
            "LOG_LEVEL", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), default: "info",
            "Least weight of our own log lines.")
        logFormat = reader.value(
            "LOG_FORMAT", .choice(["auto", "text", "json"]), default: "auto",
            "Form of our own log lines on standard error; `auto` is text on a terminal, else JSON.")

        checkTogether(&reader)
        reader.reportUnknown()
    }

    /// The data stream, or the index that was asked for.
    package var indexName: IndexName { index ?? IndexName("logs-\(dataset)-\(namespace)") }

    /// Longer lines would be dropped by some, who say that they are stored. A limit that somebody has set is left alone.
    package func maxLineBytes(for kind: EndpointKind) -> Int {
        guard isMaxLineByDefault, let most = kind.lineMax else { return maxLineBytes }
        // Escaped, and with the fields around it, a line grows.
        return min(maxLineBytes, most / 2)
    }

    /// A batch ends with the document that reaches its limit: a tenth is left for that one.
    package func batchBytes(for kind: EndpointKind) -> Int {
        kind.bodyMax.map { min(batchBytes, $0 / 10 * 9) } ?? batchBytes
    }

    /// The fields of every document, first those that say who we are, then those that were given; the later win.
    package func documentFields(version: String) -> (own: [NamedText], given: [NamedText]) {
        let own = StaticFields.ours(
            version: version, dataset: index == nil ? dataset : nil, namespace: index == nil ? namespace : nil,
            metadata: metadata)
        return (
            own.map { NamedText(name: $0.name, text: $0.value) } + surroundings.weakFields,
            surroundings.fields + givenFields
        )
    }

    private func checkTogether(_ reader: inout SettingReader) {
        if memoryLimit < batchBytes * 2 {
            reader.report(
                "MEMORY_LIMIT", "is less than two batches (\(Quantity.bytes(batchBytes * 2)))",
                remedy: "Make it larger, or TAILRACE_BATCH_BYTES smaller.")
        }
        let fields = documentFields(version: "0")
        let pairs = (fields.own + fields.given).map { (name: $0.name, value: $0.text) }
        for conflict in StaticFields(pairs).conflicts {
            reader.report("FIELDS", "can't be kept: \(conflict)", remedy: "Rename or remove that field.")
        }
    }

    private static func credentials(
        _ apiKey: Secret?, _ user: String?, _ password: Secret?, _ token: Secret?, _ aws: AWSSettings?,
        _ reader: inout SettingReader
    ) -> Credentials? {
        let kinds = [apiKey != nil, user != nil || password != nil, token != nil, aws != nil].count { $0 }
        if kinds > 1 {
            reader.report(
                "API_KEY", "and another kind of credentials are both set",
                remedy: "Set an API key, or a user and a password, or a bearer token, or have requests signed.")
        }
        if let apiKey { return .apiKey(apiKey) }
        if let token { return .bearer(token) }
        if let aws { return .aws(aws) }
        switch (user, password) {
        case (let user?, let password?): return .basic(user: user, password: password)
        case (nil, nil): return nil
        case (_?, nil): reader.report("PASSWORD", "is missing", remedy: "TAILRACE_USERNAME is set.")
        case (nil, _?): reader.report("USERNAME", "is missing", remedy: "TAILRACE_PASSWORD is set.")
        }
        return nil
    }
}

extension SettingKind where Value == [[UInt8]] {
    /// Of certificates, with or without colons.
    static var fingerprints: Self {
        SettingKind(
            word: "list", limits: "64 hexadecimal digits each, separated by commas",
            example: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        ) { text throws(Refusal) in
            var fingerprints: [[UInt8]] = []
            for part in text.split(separator: ",").map({ $0.trimmingBlanks }) where !part.isEmpty {
                let digits = Array(part.utf8).filter { $0 != UInt8(ascii: ":") }
                let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                    UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
                }
                guard digits.count == 64, bytes.count == 32 else {
                    throw Refusal(reason: "has the part \"\(part)\", which is no SHA-256 fingerprint")
                }
                fingerprints.append(bytes)
            }
            return fingerprints
        }
    }
}

extension SettingKind where Value == String {
    /// - SeeAlso: Elasticsearch reference, "Data streams", naming.
    static var dataStreamPart: Self {
        SettingKind(word: "name", limits: "lower case, no -, at most 100 bytes", example: "shop") {
            text throws(Refusal) in
            try checkTarget(text)
            guard !text.contains("-") else { throw Refusal(reason: "has a -, which separates the parts of the name") }
            guard text.utf8.count <= 100 else { throw Refusal(reason: "is longer than 100 bytes") }
            return text
        }
    }

    /// Without tokens.
    static var plainIndex: Self {
        SettingKind(word: "name", limits: "lower case, at most 255 bytes", example: "dead-letters") {
            text throws(Refusal) in
            try checkTarget(text)
            return text
        }
    }

    fileprivate static func checkTarget(_ text: String) throws(Refusal) {
        guard text.utf8.count <= 255 else { throw Refusal(reason: "is longer than 255 bytes") }
        guard text == text.lowercased() else { throw Refusal(reason: "has capital letters") }
        if let bad = text.unicodeScalars.first(where: {
            "\\/*?\"<>|,#: ".unicodeScalars.contains($0) || $0.value < 0x20
        }) {
            throw Refusal(reason: "has a \"\(bad)\", which no index name may have")
        }
        guard !text.hasPrefix("-"), !text.hasPrefix("_"), !text.hasPrefix("+"), !text.hasPrefix(".") else {
            throw Refusal(reason: "begins with one of - _ + .")
        }
    }
}

extension SettingKind where Value == IndexName {
    static var index: Self {
        SettingKind(word: "name", limits: "lower case, at most 255 bytes", example: "logs-{service.name}-{+yyyy.MM.dd}")
        {
            text throws(Refusal) in
            do throws(IndexName.Fault) {
                let name = try IndexName(parsing: text)
                do throws(SettingKind<String>.Refusal) {
                    try SettingKind<String>.checkTarget(name.text(at: Timestamp(nanoseconds: 0)))
                } catch {
                    throw IndexName.Fault(error.reason)
                }
                return name
            } catch {
                throw Refusal(reason: error.description)
            }
        }
    }
}
