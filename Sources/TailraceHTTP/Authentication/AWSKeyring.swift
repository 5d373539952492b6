import Logging
import NIOCore
import TailraceCore
import TailraceRuntime

/// What requests to AWS are signed with.
package struct AWSKeys: Sendable, Equatable {
    var accessKey: String
    var secretKey: Secret
    var sessionToken: Secret?
    /// `nil`: never.
    var expiry: Timestamp?
}

/// Holds keys, and gets new ones before they expire. The first source that the environment names is the one that is
/// used, in the order of AWS's own tools:
///
/// | source | named by |
/// |---|---|
/// | environment | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` |
/// | web identity (IRSA) | `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`, `AWS_ROLE_SESSION_NAME` |
/// | container (ECS, EKS Pod Identity) | `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, `…_FULL_URI`, `AWS_CONTAINER_AUTHORIZATION_TOKEN`, `…_FILE` |
/// | instance metadata (IMDSv2) | nothing else; not with `AWS_EC2_METADATA_DISABLED=true` |
///
/// - SeeAlso: AWS SDKs and Tools Reference Guide, "Standardized credential providers".
actor AWSKeyring {
    /// New keys are asked for so long before the old ones expire; the old ones serve until then.
    private static let leadTime: Int64 = 300 * 1_000_000_000
    /// Between two attempts while the old keys still serve, or after a request was refused.
    private static let patience = Duration.seconds(10)

    private let source: AWSKeySource
    private let time: any Timebase
    private let logger: Logger
    private var held: AWSKeys?
    private var attempted: Moment?
    private var refresh: Task<Result<AWSKeys, TransportFailure>, Never>?

    init(
        _ aws: AWSSettings, _ settings: TransportSettings, time: any Timebase, loops: EventLoops, logger: Logger
    ) {
        source = AWSKeySource(aws, settings, time: time, loops: loops, logger: logger)
        self.time = time
        self.logger = logger
    }

    /// - Parameter again: the ones given last were refused.
    func keys(again: Bool) async throws(TransportFailure) -> AWSKeys {
        let now = time.wallClock.nanoseconds
        if let held {
            let rest = (held.expiry?.nanoseconds ?? .max) - now
            let isRecent = attempted.map { time.now - $0 < Self.patience } ?? false
            if rest > (isRecent ? 0 : Self.leadTime), !again || isRecent { return held }
        }
        switch await renewed() {
        case .success(let keys): return keys
        case .failure(let failure):
            guard let held, (held.expiry?.nanoseconds ?? .max) > now else { throw failure }
            logger.warning("\(failure.description). The keys that are at hand serve until they expire.")
            return held
        }
    }

    /// One request serves all who wait.
    private func renewed() async -> Result<AWSKeys, TransportFailure> {
        if let refresh { return await refresh.value }
        let task = Task { [source] in
            do throws(TransportFailure) {
                return Result<AWSKeys, TransportFailure>.success(try await source.fetch())
            } catch {
                return .failure(error)
            }
        }
        refresh = task
        let result = await task.value
        refresh = nil
        attempted = time.now
        if case .success(let keys) = result { held = keys }
        return result
    }
}
