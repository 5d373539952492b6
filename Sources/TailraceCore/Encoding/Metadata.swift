/// What documents say besides what was logged, and where.
package enum Metadata: String, Sendable, CaseIterable {
    case full
    /// Without what is about the way of a document, or said twice: `agent.*`, `ecs.version`, `data_stream.*`,
    /// `event.created`, and `stream`, which `log.iostream` says as well.
    case lean
}
