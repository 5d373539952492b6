/// What the admin port answers to a request.
package struct AdminReply: Sendable, Equatable {
    package var status: Int
    /// As in `Content-Type`.
    package var contentType: String
    package var body: String

    package init(status: Int = 200, contentType: String = "text/plain; charset=utf-8", body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
