/// How requests to Amazon OpenSearch are signed, and where the keys for it come from. But for service and region, the
/// variables are those of AWS's own tools; nobody has to learn others.
package struct AWSSettings: Sendable, Hashable {
    package enum Service: String, Sendable, CaseIterable {
        /// Amazon OpenSearch Service.
        case es
        /// Amazon OpenSearch Serverless.
        case aoss
    }

    package let service: Service
    package let region: String
    package let accessKey: String?
    package let secretKey: Secret?
    package let sessionToken: Secret?
    package let webIdentityTokenFile: String?
    package let roleARN: String?
    package let roleSessionName: String
    package let stsURL: EndpointURL
    /// Of ECS or EKS Pod Identity, without path.
    package let containerURL: EndpointURL?
    package let containerPath: String
    package let containerToken: Secret?
    package let containerTokenFile: String?
    package let metadataURL: EndpointURL
    package let isMetadataDisabled: Bool

    /// Where keys are handed out without TLS: this machine, and the link-local addresses of ECS and EKS.
    private static let agents = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost", "::1"]

    /// - Returns: `nil` when requests are not to be signed, or can't be.
    init?(_ service: Service?, region given: String?, endpoint: EndpointURL?, reading reader: inout SettingReader) {
        guard let service else { return nil }
        self.service = service
        guard let region = Self.region(of: endpoint?.host ?? "") ?? given else {
            reader.report("AWS_REGION", "is missing", remedy: "The endpoint's name does not say which region it is in.")
            return nil
        }
        self.region = region
        accessKey = reader.foreign("AWS_ACCESS_KEY_ID")
        secretKey = reader.foreign("AWS_SECRET_ACCESS_KEY").map { Secret($0) }
        if (accessKey == nil) != (secretKey == nil) {
            let missing = accessKey == nil ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"
            reader.report(foreign: missing, "is missing", remedy: "The two are set together.")
        }
        sessionToken = reader.foreign("AWS_SESSION_TOKEN").map { Secret($0) }
        webIdentityTokenFile = reader.foreign("AWS_WEB_IDENTITY_TOKEN_FILE")
        roleARN = reader.foreign("AWS_ROLE_ARN")
        roleSessionName = reader.foreign("AWS_ROLE_SESSION_NAME") ?? "tailrace"
        let top = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        stsURL =
            Self.url("AWS_ENDPOINT_URL_STS", &reader) ?? EndpointURL(host: "sts.\(region).\(top)", isSecure: true)
        (containerURL, containerPath) = Self.container(&reader)
        containerToken = reader.foreign("AWS_CONTAINER_AUTHORIZATION_TOKEN").map { Secret($0) }
        containerTokenFile = reader.foreign("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        let isIPv6 = reader.foreign("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
        metadataURL =
            Self.url("AWS_EC2_METADATA_SERVICE_ENDPOINT", &reader)
            ?? EndpointURL(host: isIPv6 ? "fd00:ec2::254" : "169.254.169.254", isSecure: false)
        isMetadataDisabled = reader.foreign("AWS_EC2_METADATA_DISABLED")?.lowercased() == "true"
    }

    private static func container(_ reader: inout SettingReader) -> (EndpointURL?, path: String) {
        if let path = reader.foreign("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            return (EndpointURL(host: "169.254.170.2", isSecure: false), path)
        }
        let variable = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        guard let text = reader.foreign(variable) else { return (nil, "") }
        // The path is kept as it is, also with a slash at its end or a query.
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        let slash = text[start...].firstIndex(of: "/") ?? text.endIndex
        do throws(EndpointURL.Invalid) {
            let url = try EndpointURL(parsing: String(text[..<slash]))
            guard url.isSecure || agents.contains(url.host) || url.host.hasPrefix("127.") else {
                reader.report(
                    foreign: variable, "leads to \(url.host) without TLS",
                    remedy: "Keys are taken over https, from this machine, or from the agents of ECS and EKS only.")
                return (nil, "")
            }
            return (url, String(text[slash...]))
        } catch {
            reader.report(foreign: variable, "\(error)", remedy: "It is set by ECS or EKS.")
            return (nil, "")
        }
    }

    private static func url(_ variable: String, _ reader: inout SettingReader) -> EndpointURL? {
        guard let text = reader.foreign(variable) else { return nil }
        do throws(EndpointURL.Invalid) {
            return try EndpointURL(parsing: text)
        } catch {
            reader.report(foreign: variable, "\(error)", remedy: "It is a URL such as http://169.254.169.254.")
            return nil
        }
    }

    /// `search-logs-abc.eu-west-1.es.amazonaws.com`.
    private static func region(of host: String) -> String? {
        let labels = host.split(separator: ".")
        guard host.hasSuffix(".amazonaws.com") || host.hasSuffix(".amazonaws.com.cn"),
            let place = labels.lastIndex(where: { $0 == "es" || $0 == "aoss" }), place > 0
        else { return nil }
        return String(labels[place - 1])
    }
}
