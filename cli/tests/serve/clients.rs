use super::*;

/// Slow, broken and lying clients are answered or let go, and others are served meanwhile.
#[test]
fn clients_that_do_not_keep_to_the_rules() {
    let server = Server::start("{} --timeout 1 --max-body 64KiB", &[&asset("digits.keras")]);
    let path = "/v1/models/digits:predict";
    let head = |length: &str| format!("POST {path} HTTP/1.1\r\nHost: here\r\n{length}\r\n\r\n");

    // Half a request, then nothing: in its head, and in its content.
    let mut half_head = server.connect();
    half_head.write_all(b"POST /v1/mod").unwrap();
    let mut half_body = server.connect();
    half_body.write_all(format!("{}{{\"inst", head("Content-Length: 100")).as_bytes()).unwrap();
    // Content in pieces that never end.
    let mut trickle = server.connect();
    trickle.write_all(format!("{}1\r\n{{\r\n", head("Transfer-Encoding: chunked")).as_bytes()).unwrap();

    // More than it said.
    let mut more = server.connect();
    more.write_all(format!("{}{{}}{{\"instances\": 1}}", head("Content-Length: 2")).as_bytes()).unwrap();
    assert!(Reply::read(&mut more).unwrap().error(400).contains("Missing 'inputs' or 'instances'"));
    // More than is allowed, said and not said.
    let mut large = server.connect();
    large.write_all(head("Content-Length: 100000").as_bytes()).unwrap();
    assert!(Reply::read(&mut large).unwrap().error(413).contains("larger than 65536 bytes"));
    let mut chunks = server.connect();
    chunks.write_all(format!("{}20000\r\n", head("Transfer-Encoding: chunked")).as_bytes()).unwrap();
    chunks.write_all(&[b' '; 0x18000]).ok();
    assert_eq!(Reply::read(&mut chunks).unwrap().status, 413);
    // No length that could be one, and no HTTP.
    for text in
        [head("Content-Length: -1"), head("Content-Length: 1\r\nContent-Length: 2"), "\u{1}\r\n\r\n".into()]
    {
        let mut stream = server.connect();
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{text}");
    }
    // Gone before the answer.
    server.connect().write_all(&request("POST", path, "", b"{}")).unwrap();

    server.get("/healthz");
    assert!(Reply::read(&mut half_body).unwrap().error(408).contains("not complete after 1s"));
    assert_eq!(Reply::read(&mut trickle).unwrap().status, 408);
    let mut rest = Vec::new();
    half_head.read_to_end(&mut rest).ok();
    server.get("/v1/models/digits").ok();
}

/// A client that asks again and again and never reads is let go.
#[test]
fn answers_that_nobody_takes() {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset};
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("product.keras");
    write_product(&path, 1234.5);
    let server = Server::start("{} --timeout 1", &[&path]);
    let body = format!("{{\"instances\":[{}]}}", vec!["1"; 50_000].join(","));
    let path = "/v1/models/product:predict";
    let head = format!("POST {path} HTTP/1.1\r\nHost: here\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut stream = server.connect();
    stream.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
    let error = loop {
        if let Err(error) = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()))
        {
            break error;
        }
    };
    assert!(matches!(error.kind(), BrokenPipe | ConnectionReset), "{error}");
    server.get("/v1/models/product").ok();
}
