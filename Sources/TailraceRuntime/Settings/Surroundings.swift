/// What the environment of a Pod or a container says about the program whose logs are shipped: the downward API of
/// Kubernetes and the variables of OpenTelemetry.
///
/// | variable | field |
/// |---|---|
/// | `OTEL_SERVICE_NAME` | `service.name` |
/// | `OTEL_RESOURCE_ATTRIBUTES` | by the table below; what it does not know goes to `labels` |
/// | `POD_NAME`, `POD_NAMESPACE`, `POD_UID`, `POD_IP` | `kubernetes.pod.name`, `kubernetes.namespace`, … |
/// | `NODE_NAME` | `kubernetes.node.name`, `host.name` |
/// | `HOSTNAME` | `host.hostname`; `host.name` when nothing else gives one |
///
/// - SeeAlso: OpenTelemetry specification, "Resource SDK", environment variables; ECS field reference.
package struct Surroundings: Sendable {
    /// Stronger than what a path tells.
    package private(set) var fields: [NamedText] = []
    /// Weaker than it.
    package private(set) var weakFields: [NamedText] = []
    /// Something that could not be used, for the log.
    package private(set) var warnings: [String] = []

    private static let attributes = [
        "service.name": "service.name", "service.version": "service.version",
        "service.instance.id": "service.node.name", "deployment.environment": "service.environment",
        "deployment.environment.name": "service.environment", "host.name": "host.name", "host.id": "host.id",
        "k8s.namespace.name": "kubernetes.namespace", "k8s.pod.name": "kubernetes.pod.name",
        "k8s.pod.uid": "kubernetes.pod.uid", "k8s.pod.ip": "kubernetes.pod.ip",
        "k8s.node.name": "kubernetes.node.name", "k8s.container.name": "kubernetes.container.name",
        "container.id": "container.id", "container.name": "container.name",
        "container.image.name": "container.image.name",
    ]
    private static let podVariables = [
        ("POD_NAME", "kubernetes.pod.name"), ("POD_NAMESPACE", "kubernetes.namespace"),
        ("POD_UID", "kubernetes.pod.uid"), ("POD_IP", "kubernetes.pod.ip"), ("NODE_NAME", "kubernetes.node.name"),
    ]

    init(reading reader: inout SettingReader) {
        if let text = reader.foreign("OTEL_RESOURCE_ATTRIBUTES") { addAttributes(text) }
        for (variable, field) in Self.podVariables {
            if let text = reader.foreign(variable) { fields.append(NamedText(name: field, text: text)) }
        }
        if let name = reader.foreign("OTEL_SERVICE_NAME") { fields.append(NamedText(name: "service.name", text: name)) }
        let hostname = reader.foreign("HOSTNAME")
        if let host = reader.foreign("NODE_NAME") ?? hostname {
            weakFields.append(NamedText(name: "host.name", text: host))
        }
        if let hostname { weakFields.append(NamedText(name: "host.hostname", text: hostname)) }
    }

    private mutating func addAttributes(_ text: String) {
        var found: [NamedText] = []
        for part in text.split(separator: ",") where !part.trimmingBlanks.isEmpty {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let name = sides[0].trimmingBlanks.percentDecoded, !name.isEmpty,
                let value = sides[1].trimmingBlanks.percentDecoded
            else {
                // The specification: in case of any error the entire value is discarded, and the error reported.
                warnings.append("OTEL_RESOURCE_ATTRIBUTES is left out: it is not of the form k=v,k2=v2.")
                return
            }
            // Dots would make objects, in which a name could stand where another has fields of its own.
            let label = "labels." + String(name.map { $0 == "." ? "_" : $0 })
            found.append(NamedText(name: Self.attributes[name] ?? label, text: value))
        }
        fields += found
    }
}
