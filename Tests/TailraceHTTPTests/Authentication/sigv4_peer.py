"""Signs random requests with botocore, and prints them with their signatures. Argument: a seed."""
import datetime, json, random, sys
from urllib.parse import quote
from botocore import auth, awsrequest, credentials

random.seed(int(sys.argv[1]))
letters = "abcXYZ019-_.~ /%+*,:;=@!'()$ä€"
keys = credentials.Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


def text(most, alphabet=letters):
    return "".join(random.choice(alphabet) for _ in range(random.randint(1, most)))


cases = []
for _ in range(300):
    path = "/" + "/".join(quote(text(6), safe="-_.~") for _ in range(random.randint(0, 3)))
    names = random.sample(["filter_path", "pipeline", "a", "A", "b1", "ü"], random.randint(0, 4))
    query = "&".join(quote(n, safe="-_.~") + "=" + quote(text(8), safe="-_.~") for n in names)
    body = text(200)
    time = datetime.datetime(2026, random.randint(1, 12), random.randint(1, 28), random.randint(0, 23), 5, 7)
    date = time.strftime("%Y%m%dT%H%M%SZ")
    headers = {"Host": "search.example", "X-Amz-Date": date, "Content-Type": " application/x-ndjson  v "}
    if random.random() < 0.5:
        headers["X-Amz-Security-Token"] = text(40, "abcdefgh+/=")
    region, service = random.choice(["eu-west-1", "us-east-1"]), random.choice(["es", "aoss"])
    target = path + ("?" + query if query else "")
    request = awsrequest.AWSRequest("POST", "https://search.example" + target, headers, body.encode())
    request.context["timestamp"] = date
    signer = auth.SigV4Auth(keys, service, region)
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    signer._inject_signature_to_request(request, signature)
    cases.append(dict(
        method="POST", target=target, headers=[[k, v] for k, v in headers.items()], body=body, date=date,
        region=region, service=service, authorization=request.headers["Authorization"]))
print(json.dumps(cases))
