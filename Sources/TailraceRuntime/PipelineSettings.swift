package import TailraceCore

/// What the parts of the pipeline have to know of the settings.
package struct PipelineSettings: Sendable {
    package var discovery: Discovery
    package var tails: TailRules
    package var batch: BatchSettings
    package var delivery: DeliverySettings
    package var spool: SpoolSettings
    /// Of all batches between reading and acknowledgement, in bytes.
    package var memoryLimit: Int
    /// From the wish to end to the end, whatever is undelivered.
    package var shutdownTimeout: Duration

    package init(
        discovery: Discovery, tails: TailRules, batch: BatchSettings, delivery: DeliverySettings,
        spool: SpoolSettings, memoryLimit: Int, shutdownTimeout: Duration
    ) {
        self.discovery = discovery
        self.tails = tails
        self.batch = batch
        self.delivery = delivery
        self.spool = spool
        self.memoryLimit = memoryLimit
        self.shutdownTimeout = shutdownTimeout
    }

    /// - Parameters:
    ///   - version: of the program, for `agent.version`.
    ///   - kind: of the endpoint, where it was asked.
    package init(_ settings: Settings, version: String, kind: EndpointKind? = nil) {
        let kind = kind ?? settings.endpointKind
        let fields = settings.documentFields(version: version)
        var tails = TailRules(
            assembly: AssemblyRules(joining: settings.joining, maxLineBytes: settings.maxLineBytes(for: kind)),
            joinTimeout: settings.joinTimeout, format: settings.format, index: settings.indexName,
            ownFields: fields.own.map { ($0.name, $0.text) }, givenFields: fields.given.map { ($0.name, $0.text) },
            waitingMax: settings.memoryLimit / 4)
        tails.errorFields = settings.errorFields
        tails.metadata = settings.metadata
        tails.sendsID = kind.sendsID
        tails.readFrom = settings.readFrom
        tails.ignoreOlder = settings.ignoreOlder
        tails.openFilesMax = settings.openFilesMax
        tails.grace.deleted = settings.closeDeletedAfter
        self.init(
            discovery: Discovery(patterns: settings.paths, excluded: settings.excludedPaths),
            tails: tails,
            batch: BatchSettings(
                limit: BatchLimit(bytes: settings.batchBytes(for: kind), documents: settings.batchRecords),
                flushInterval: settings.flushInterval),
            delivery: DeliverySettings(
                compression: settings.isOutputStandard || !kind.takesGzip ? .off : settings.compression,
                backoffMax: settings.backoffMax,
                concurrency: settings.isOutputStandard ? 1 : settings.maxConcurrency,
                senders: settings.isOutputStandard || settings.maxConcurrency == 1 ? 1 : settings.maxConcurrency + 1,
                deadLetters: DeadLetterSettings(settings, kind: kind), kind: kind),
            spool: settings.spool, memoryLimit: settings.memoryLimit, shutdownTimeout: settings.shutdownTimeout)
    }
}
