/// A password, key or token. Whatever prints it, in a log or an error, prints stars.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// For the header that it is made for, and nothing else.
    package let revealed: String
    /// Where it was read from; what is there later may be another one.
    package let file: String?

    package init(_ text: String, file: String? = nil) {
        revealed = text
        self.file = file
    }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
