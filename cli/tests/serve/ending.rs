use super::*;
use std::thread;

/// What was sent before the signal is answered, then the program ends well.
#[test]
fn nothing_that_was_accepted_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let (slow, product) = (directory.path().join("slow.keras"), directory.path().join("product.keras"));
    let body = write_slow(&slow);
    write_product(&product, 3.0);
    let server = Server::start("{} {} --max-batch 1", &[&slow, &product]);
    let mut streams: Vec<TcpStream> = (0..8).map(|_| server.connect()).collect();
    let sent = request("POST", "/v1/models/slow:predict", "", body.as_bytes());
    streams.iter_mut().for_each(|stream| stream.write_all(&sent).unwrap());
    // These keep their connections and go on asking.
    let answered = thread::scope(|scope| {
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(|| ask_until_closed(&server))).collect();
        thread::sleep(Duration::from_millis(100));
        server.signal("-TERM");
        clients.into_iter().map(|client| client.join().unwrap()).sum::<usize>()
    });
    assert!(answered >= 8, "{answered}");
    for stream in &mut streams {
        Reply::read(stream).unwrap().ok();
    }
    // It waits a moment for connections that the system has accepted already.
    let is_closed = || {
        thread::sleep(Duration::from_millis(20));
        TcpStream::connect(&server.address).is_err()
    };
    assert!((0..250).any(|_| is_closed()));
    assert!(server.wait().contains("stopping: requests that were accepted are answered first"));
}

/// Asks on one connection until an answer says that it is the last.
fn ask_until_closed(server: &Server) -> usize {
    let mut stream = server.connect();
    let body = "{\"instances\": [[2]]}";
    let head = format!(
        "POST /v1/models/product:predict HTTP/1.1\r\nHost: here\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    for answered in 1.. {
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let reply = Reply::read(&mut stream).unwrap();
        assert_eq!(reply.ok(), json!({"predictions": [[6.0]]}));
        if reply.head.contains("connection: close") {
            return answered;
        }
        thread::sleep(Duration::from_millis(1));
    }
    unreachable!()
}

#[test]
fn idle_connections_do_not_hold_it_up() {
    let server = Server::start("{}", &[&asset("digits.keras")]);
    let _idle = server.connect();
    server.get("/healthz");
    let started = Instant::now();
    server.signal("-INT");
    server.wait();
    assert!(started.elapsed() < Duration::from_secs(10));
}
