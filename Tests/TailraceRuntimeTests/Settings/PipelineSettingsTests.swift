import TailraceCore
import Testing

@testable import TailraceRuntime

@Suite struct PipelineSettingsTests {
    @Test(arguments: EndpointKind.all)
    func `what the table says of an endpoint is kept to`(_ kind: EndpointKind) {
        var reader = SettingReader(
            [
                "TAILRACE_ENDPOINT_KIND": kind.name, "TAILRACE_BATCH_BYTES": "64MiB", "TAILRACE_MEMORY_LIMIT": "1GiB",
            ], readFile: ProcessEnvironment.readFile)
        let settings = PipelineSettings(Settings(reading: &reader), version: "1")
        #expect(reader.mistakes.isEmpty, "\(reader.mistakes)")
        #expect(settings.delivery.kind == kind)
        #expect(settings.delivery.deadLetters.kind == kind)
        #expect(settings.batch.limit.bytes < kind.bodyMax ?? .max)
        #expect((settings.delivery.compression == .off) == !kind.takesGzip)
        #expect(settings.tails.sendsID == kind.sendsID)
        #expect(settings.tails.assembly.maxLineBytes < kind.lineMax ?? .max)
    }
}
