/// What the failure of one document means for it. The one place where statuses and types of items are known.
///
/// | status | type or reason | class |
/// |---|---|---|
/// | 409 | version conflict, or no word about why | alreadyThere |
/// | 429 | "exceeds the maximum allowed limit": too large a document, which never goes away | refused |
/// | 429 | `cluster_block_exception`: the disk is full | full |
/// | 429, 503, 507, 52x, 423–425 | | busy |
/// | 408, other 5xx, none | | unwell |
/// | 400 | `resource_already_exists_exception`: two requests created the index at once | unwell |
/// | 401–407, 415, 501, 505 | among them 404: no such index, 403: may not write, or the index is blocked | configuration |
/// | 4xx | types and phrases of faults in the index, below | configuration |
/// | 4xx | `document_parsing_exception`, `mapper_parsing_exception` and the like; 413; 422 | refused |
/// | 4xx | anything else: strict mapping, number of fields, types nobody has met | suspect |
/// | 2xx | with an error | by its type, as above |
///
/// - SeeAlso: Elasticsearch `IndexingPressure`, `DataStream`, `AutoCreateIndex`, `ShardLimitValidator`.
enum ItemClass: Equatable {
    /// A document with this id is there. Ids are ours and deterministic, so it is this document.
    case alreadyThere
    /// Back-pressure: again, as long as it takes.
    case busy
    /// A fault of the server: again. Seen to happen for one and the same document for ever, so it may be given up.
    case unwell
    /// The disk of the cluster is full: again, slowly.
    case full
    /// The index, its name, its mapping or the permissions have to be put right by somebody: again, slowly.
    case configuration
    /// The endpoint will never take this document.
    case refused
    /// As `refused`, but if a whole batch fails like this, it is more likely to be the index than the documents.
    case suspect

    init(status: Int, error: EndpointError) {
        switch (status, error.type) {
        case (409, EndpointError.versionConflict), (409, "document_already_exists_exception"): self = .alreadyThere
        case (409, ""): self = error.reason.isEmpty || error.mentions("duplicate") ? .alreadyThere : .suspect
        case (429, _) where error.isAboutTheLimit: self = .refused
        case (429, "cluster_block_exception"): self = .full
        case (429, _), (503, _), (507, _), (520...529, _), (423...425, _): self = .busy
        case (401...407, _), (415, _), (501, _), (505, _): self = .configuration
        case (413, _), (422, _): self = .refused
        case (408, _), (500..., _), (..<200, _), (300...399, _): self = .unwell
        default: self = ItemClass(error: error)
        }
    }

    /// By type and reason alone, for the statuses that mean many things.
    init(error: EndpointError) {
        // Before the phrases are looked for: these two quote documents, which may contain any phrase.
        if ItemClass.documentTypes.contains(error.type) || error.mentions("immense term") {
            self = .refused
        } else if ItemClass.transientTypes.contains(error.type) {
            self = .unwell
        } else if ItemClass.indexTypes.contains(error.type) || ItemClass.indexPhrases.contains(where: error.mentions) {
            self = .configuration
        } else {
            self = .suspect
        }
    }

    private static let transientTypes: Set = [
        "es_rejected_execution_exception", "rejected_execution_exception", "circuit_breaking_exception",
        "unavailable_shards_exception", "process_cluster_event_timeout_exception", "timeout_exception",
        "resource_already_exists_exception",
    ]

    private static let indexTypes: Set = [
        "index_not_found_exception", "invalid_index_name_exception", "index_closed_exception",
        "cluster_block_exception", "security_exception", "invalid_alias_name_exception",
        // Too many shards in the cluster to create one more index.
        "validation_exception",
        "unsupported_operation_exception",
    ]

    private static let documentTypes: Set = [
        "document_parsing_exception", "mapper_parsing_exception", "parsing_exception", "parse_exception",
        "x_content_parse_exception", "json_parse_exception",
    ]

    /// Of `illegal_argument_exception`, which says everything from a long word to a missing pipeline.
    private static let indexPhrases = [
        "op_type of create are allowed in data streams", "no write index", "more than one index",
        "pipeline with id", "document id is not supported", "no matching index template", "is not a data stream",
    ]
}

extension EndpointError {
    /// Elasticsearch's words for an operation larger than its whole budget, which it answers with 429.
    var isAboutTheLimit: Bool { mentions("exceeds the maximum allowed limit") }
}
