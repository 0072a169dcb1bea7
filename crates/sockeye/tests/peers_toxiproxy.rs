//! `sockeye relay --toxiproxy` with toxiproxy's own clients, and with curl as a browser would
//! ask.

mod harness;
#[path = "toxiproxy/api.rs"]
mod api;

use std::path::PathBuf;

use api::{Api, echo};
use harness::{Start, node, python};

fn script(name: &str) -> String {
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    place.to_str().expect("a plain path").to_owned()
}

#[test]
fn the_python_client_finds_what_it_knows() {
    let ((_echo, upstream), api) = (echo(), Api::start());
    let client = python().args([&script("python/toxiproxy_client.py"), &api.at, &upstream]);
    client.run().exits(0).prints("done\n");
}

#[test]
fn the_node_client_finds_what_it_knows() {
    let ((_echo, upstream), api) = (echo(), Api::start());
    let url = format!("http://{}", api.at);
    let client = node().args([&script("node/toxiproxy_client.js"), &url, &upstream]);
    client.run().exits(0).prints("done\n");
}

/// The status that curl is answered with, with these headers put in.
fn status(api: &Api, method: &str, path: &str, headers: &[&str]) -> String {
    let url = format!("http://{}{path}", api.at);
    let args = ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-X", method, "--noproxy", "*"];
    let mut curl = Start::program("curl").args(args).args(["-m", "15", &url]);
    if method != "GET" {
        curl = curl.args(["--data", r#"{"name":"p","upstream":"127.0.0.1:9","type":"noop"}"#]);
    }
    for header in headers {
        curl = curl.args(["-H", header]);
    }
    curl.run().exits(0).text()
}

/// Every route, with what an own program is answered in this order.
const ROUTES: [(&str, &str, &str); 15] = [
    ("GET", "/version", "200"),
    ("POST", "/proxies", "201"),
    ("GET", "/proxies", "200"),
    ("POST", "/populate", "400"),
    ("GET", "/proxies/p", "200"),
    ("POST", "/proxies/p", "200"),
    ("PATCH", "/proxies/p", "200"),
    ("POST", "/proxies/p/toxics", "200"),
    ("GET", "/proxies/p/toxics", "200"),
    ("GET", "/proxies/p/toxics/p", "200"),
    ("PATCH", "/proxies/p/toxics/p", "200"),
    ("DELETE", "/proxies/p/toxics/p", "204"),
    ("DELETE", "/proxies/p", "204"),
    ("POST", "/reset", "204"),
    ("GET", "/nowhere", "404"),
];

#[test]
fn n71_n72_no_route_answers_a_browser_or_a_foreign_host() {
    let api = Api::start();
    let port = api.at.rsplit(':').next().expect("a port");
    let foreign = [
        "Host: evil.example".to_owned(),
        format!("Host: evil.example:{port}"),
        format!("Host: localhost.evil.example:{port}"),
        "Host: localhost:1".to_owned(),
        "Host:".to_owned(),
        "Origin: http://evil.example".to_owned(),
        format!("Origin: http://localhost:{port}"),
        "Origin: null".to_owned(),
        "Sec-Fetch-Site: cross-site".to_owned(),
        "Sec-Fetch-Dest: image".to_owned(),
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101".to_owned(),
    ];
    for (method, path, own) in ROUTES {
        for header in &foreign {
            let asked = status(&api, method, path, &[header]);
            assert_eq!(asked, "403", "{method} {path} {header}");
        }
        assert_eq!(status(&api, method, path, &[]), own, "{method} {path}");
    }
    let preflight = ["Origin: http://evil.example", "Access-Control-Request-Method: POST"];
    assert_eq!(status(&api, "OPTIONS", "/proxies", &preflight), "403");
    for host in ["Host: localhost", "Host: LOCALHOST", "Host: [::1]", "Host: 127.0.0.1"] {
        assert_eq!(status(&api, "GET", "/proxies", &[&format!("{host}:{port}")]), "200");
    }
}
