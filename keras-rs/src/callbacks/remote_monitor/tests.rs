#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::prelude::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

/// Answers requests with a status; gives each request's first line, headers and body.
fn serve(listener: TcpListener, status: &str, requests: usize) -> Vec<(Vec<String>, String)> {
    let mut seen = Vec::new();
    while seen.len() < requests {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        while seen.len() < requests {
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
                    break;
                }
                head.push(line.trim_end().to_string());
            }
            if head.is_empty() {
                break;
            }
            let length = head
                .iter()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap()];
            reader.read_exact(&mut body).unwrap();
            seen.push((head, String::from_utf8(body).unwrap()));
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    }
    seen
}

fn training() -> Training {
    let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build().unwrap();
    Training::new(&model, Default::default())
}

fn tell(monitor: RemoteMonitor, status: &'static str) -> (RemoteMonitor, Vec<(Vec<String>, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut monitor = monitor.root(format!("http://{}", listener.local_addr().unwrap()));
    let server = std::thread::spawn(move || serve(listener, status, 2));
    let mut training = training();
    for epoch in 0..2 {
        let mut logs = Logs::from([("loss".into(), 0.1), ("größe & co".into(), 2.0)]);
        monitor.on_epoch_end(epoch, &mut logs, &mut training).unwrap();
    }
    (monitor, server.join().unwrap())
}

#[test]
fn a_form_is_what_pythons_requests_sends() {
    let (monitor, seen) = tell(RemoteMonitor::new().headers([("X-Run", "7")]), "200 OK");
    assert!(!monitor.warned);
    let (head, body) = &seen[1];
    assert_eq!(head[0], "POST /publish/epoch/end/ HTTP/1.1");
    let has = |line: &str| head.iter().any(|other| other.eq_ignore_ascii_case(line));
    assert!(has("x-run: 7") && has("content-type: application/x-www-form-urlencoded"), "{head:?}");
    // requests.post(url, {"data": json.dumps({"epoch": 1, "loss": 0.1, "größe & co": 2.0})})
    let expected =
        "data=%7B%22epoch%22%3A+1%2C+%22loss%22%3A+0.1%2C+%22gr%5Cu00f6%5Cu00dfe+%26+co%22%3A+2.0%7D";
    assert_eq!(body, expected);
}

#[test]
fn json_is_what_pythons_requests_sends() {
    let monitor = RemoteMonitor::new().path("/x?y=1").send_as_json(true);
    // An answer that refuses is an answer.
    let (monitor, seen) = tell(monitor, "500 Internal Server Error");
    assert!(!monitor.warned);
    let (head, body) = &seen[0];
    assert_eq!(head[0], "POST /x?y=1 HTTP/1.1");
    assert!(head.iter().any(|line| line.eq_ignore_ascii_case("content-type: application/json")), "{head:?}");
    assert_eq!(body, r#"{"epoch": 0, "loss": 0.1, "gr\u00f6\u00dfe & co": 2.0}"#);
}

#[test]
fn what_cannot_be_reached_does_not_end_a_training() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    for root in [format!("http://{closed}"), "no address".into(), "http://host.invalid".into()] {
        let mut monitor = RemoteMonitor::new().root(root);
        let mut logs = Logs::from([("loss".into(), 1.0)]);
        monitor.on_epoch_end(0, &mut logs, &mut training()).unwrap();
        assert!(monitor.warned);
    }
    let mut monitor = RemoteMonitor::new().send_as_json(true);
    monitor.on_epoch_end(0, &mut Logs::from([("loss".into(), f64::NAN)]), &mut training()).unwrap();
    assert!(monitor.warned, "bodies of JSON have no NaN");
}
