import TailraceCore
import TailraceRuntime
import Testing

@Suite struct SettingsTests {
    private func read(
        _ environment: [String: String], files: [String: String] = [:]
    ) -> (settings: Settings, reader: SettingReader) {
        var reader = SettingReader(environment) { path throws(FileFailure) in
            guard let text = files[path] else { throw FileFailure("open", path, code: 2) }
            return text
        }
        return (Settings(reading: &reader), reader)
    }

    @Test func `nothing has to be set`() {
        let (settings, reader) = read([:])
        #expect(reader.mistakes.isEmpty)
        #expect(settings.indexName == "logs-tailrace-default")
        #expect(settings.endpoints.map(\.description) == ["http://elasticsearch:9200"])
        #expect(settings.memoryLimit == 5 << 20)
        #expect(settings.joining.languages == .all)
    }

    @Test func `every setting has a sentence and is listed once`() {
        let rows = read([:]).reader.inForce
        #expect(Set(rows.map(\.variable)).count == rows.count)
        #expect(rows.allSatisfy { $0.help.hasSuffix(".") && !$0.kind.isEmpty })
    }

    @Test func `sizes and durations are read in all their units`() {
        let (settings, reader) = read([
            "TAILRACE_MEMORY_LIMIT": "64MiB", "TAILRACE_BATCH_BYTES": "2000KB", "TAILRACE_MAX_LINE": "65536",
            "TAILRACE_FLUSH_INTERVAL": "250ms", "TAILRACE_SHUTDOWN_TIMEOUT": "2m",
        ])
        #expect(reader.mistakes.isEmpty)
        #expect(settings.memoryLimit == 64 << 20)
        #expect(settings.batchBytes == 2_000_000)
        #expect(settings.maxLineBytes == 65536)
        #expect(settings.flushInterval == .milliseconds(250))
        #expect(settings.shutdownTimeout == .seconds(120))
    }

    @Test func `all mistakes are told at once, with what to write instead`() {
        let (_, reader) = read([
            "TAILRACE_FLUSH_INTERVAL": "5", "TAILRACE_FORMAT": "xml", "TAILRACE_ENDPOIN": "http://a",
            "TAILRACE_DATASET": "a-b", "TAILRACE_ADMIN": "here", "TAILRACE_MULTILINE": "java,cobol",
        ])
        let told = reader.mistakes.map(\.description)
        #expect(told.count == 6)
        #expect(told.contains { $0.contains("\"5\"") && $0.contains("did you mean 5ms or 5s") })
        #expect(told.contains { $0.contains("none of auto, plain, docker, cri") })
        #expect(told.contains { $0.contains("Did you mean TAILRACE_ENDPOINT?") })
        #expect(told.contains { $0.contains("\"cobol\"") })
    }

    @Test func `a secret comes from a file, and is shown nowhere`() {
        let (settings, reader) = read(["TAILRACE_API_KEY_FILE": "/run/key"], files: ["/run/key": "id:sesame\n"])
        #expect(settings.credentials == .apiKey(Secret("id:sesame", file: "/run/key")))
        #expect(!SettingsText.inForce(reader.inForce).contains("sesame"))
        #expect(!"\(settings)".contains("sesame"))
    }

    @Test func `a secret given twice, or in a file that is not there, is a mistake`() {
        let twice = read(["TAILRACE_API_KEY": "a", "TAILRACE_API_KEY_FILE": "/f"], files: ["/f": "b"]).reader.mistakes
        #expect(twice.count == 1)
        #expect(twice.first?.description.contains("both set") == true)
        #expect(read(["TAILRACE_API_KEY_FILE": "/gone"]).reader.mistakes.first?.description.contains("/gone") == true)
    }

    @Test func `credentials in a URL are printed neither in force nor in a mistake`() {
        let (_, reader) = read(["TAILRACE_ENDPOINT": "http://me:sesame@host:9200,ftp://me:sesame@host"])
        #expect(!reader.mistakes.map(\.description).joined().contains("sesame"))
        #expect(!SettingsText.inForce(reader.inForce).contains("sesame"))
    }

    @Test func `aliases of other tools are read when ours is not set`() {
        let alias = [
            "ELASTICSEARCH_HOSTS": "http://a:1,http://b:2", "ELASTICSEARCH_USERNAME": "u",
            "ELASTICSEARCH_PASSWORD": "p",
        ]
        let (settings, _) = read(alias)
        #expect(settings.endpoints.count == 2)
        #expect(settings.credentials == .basic(user: "u", password: Secret("p")))
        let ours = read(alias.merging(["TAILRACE_ENDPOINT": "http://c:3"]) { $1 }).settings
        #expect(ours.endpoints.map(\.host) == ["c"])
    }

    @Test func `what Kubernetes sets for a Service called tailrace is not ours`() {
        let names = [
            "TAILRACE_SERVICE_HOST", "TAILRACE_SERVICE_PORT", "TAILRACE_SERVICE_PORT_ADMIN", "TAILRACE_PORT",
            "TAILRACE_PORT_9400_TCP", "TAILRACE_PORT_9400_TCP_ADDR", "TAILRACE_METRICS_SERVICE_HOST",
        ]
        #expect(read(Dictionary(uniqueKeysWithValues: names.map { ($0, "x") })).reader.mistakes.isEmpty)
    }

    @Test func `fields of the user win over the surroundings, and those over nothing`() {
        let (settings, reader) = read([
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=a,team=x%2Cy,k8s.pod.name=p", "OTEL_SERVICE_NAME": "b",
            "POD_NAMESPACE": "shop", "NODE_NAME": "n1", "TAILRACE_FIELDS": "service.name=c,labels.note=1%2C2",
        ])
        #expect(reader.mistakes.isEmpty)
        let (own, given) = settings.documentFields(version: "1")
        var last: [String: String] = [:]
        for field in own + given { last[field.name] = field.text }
        #expect(last["service.name"] == "c")
        #expect(last["labels.team"] == "x,y")
        #expect(last["labels.note"] == "1,2")
        #expect(last["kubernetes.pod.name"] == "p")
        #expect(last["kubernetes.namespace"] == "shop")
        #expect(last["host.name"] == "n1")
        #expect(last["agent.type"] == "tailrace")
    }

    @Test func `a field that no document can have is a mistake`() {
        #expect(read(["TAILRACE_FIELDS": "message=x"]).reader.mistakes.first?.description.contains("message") == true)
    }
}
