/// All that the pipeline can reach of the outside world: one value, handed down from the composition root.
package struct Platform: Sendable {
    package var time: any Timebase
    package var logFiles: any LogFiles
    package var state: any StateDirectory
    /// `nil`: there is none, and nothing from before is in it.
    package var spool: (any SpoolDirectory)?
    package var transport: any BulkTransport
    package var executors: Executors

    package init(
        time: any Timebase, logFiles: any LogFiles, state: any StateDirectory,
        spool: (any SpoolDirectory)? = nil, transport: any BulkTransport, executors: Executors
    ) {
        self.time = time
        self.logFiles = logFiles
        self.state = state
        self.spool = spool
        self.transport = transport
        self.executors = executors
    }
}

/// Where tasks run. In production a thread for each kind of blocking work, in the simulation one run queue for all.
package struct Executors: Sendable {
    /// Blocking reads of log files, and all parsing.
    package var ingest: any TaskExecutor
    /// Blocking writes to the state folder.
    package var storage: any TaskExecutor
    /// Compression and requests: nothing that blocks. `nil` is the shared pool.
    package var compute: (any TaskExecutor)?

    package init(ingest: any TaskExecutor, storage: any TaskExecutor, compute: (any TaskExecutor)?) {
        self.ingest = ingest
        self.storage = storage
        self.compute = compute
    }
}
