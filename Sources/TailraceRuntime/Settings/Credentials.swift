/// What proves to an endpoint who we are.
package enum Credentials: Sendable, Hashable {
    /// RFC 7617.
    case basic(user: String, password: Secret)
    /// Elasticsearch's `Authorization: ApiKey …`: the encoded form, or `id:key`, which the client encodes.
    case apiKey(Secret)
    /// RFC 6750.
    case bearer(Secret)
    /// AWS Signature Version 4.
    case aws(AWSSettings)
}
