//! Kubeconfigs that work and kubeconfigs that are refused.

use super::*;

fn ca() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    rcgen::CertificateParams::new(Vec::new())
        .unwrap()
        .self_signed(&key)
        .unwrap()
        .pem()
}

fn ca_line() -> String {
    format!(
        "certificate-authority-data: {}",
        BASE64.encode(ca().as_bytes())
    )
}

/// A file with one context; `cluster` and `user` are lines of those two sections.
fn config(server: &str, cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\npreferences: {{}}\ncurrent-context: main\n\
         contexts:\n- name: main\n  context: {{cluster: c, user: u, namespace: default}}\n\
         clusters:\n- name: c\n  cluster:\n    server: {server}\n    {cluster}\n\
         users:\n- name: u\n  user:\n    {user}\n"
    )
}

#[track_caller]
fn check(text: &str, expected: Result<&str, &str>) {
    let folder = tempfile::tempdir().unwrap();
    let access = parse(text.as_bytes(), None, folder.path());
    let seen = access
        .as_ref()
        .map(K8sAccess::server)
        .map_err(ToString::to_string);
    match (seen, expected) {
        (Ok(server), Ok(expected)) => assert_eq!(server, expected),
        (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
        (seen, _) => panic!("{seen:?}"),
    }
}

const SERVER: &str = "https://192.0.2.10:6443";

#[test]
fn token_and_embedded_ca_are_enough() {
    check(
        &config(SERVER, &ca_line(), "token: abc"),
        Ok("https://192.0.2.10:6443/"),
    );
}

#[test]
fn json_is_yaml_too() {
    let text = format!(
        r#"{{"current-context": "a", "contexts": [{{"name": "a", "context": {{"cluster": "c", "user": "u"}}}}],
            "clusters": [{{"name": "c", "cluster": {{"server": "{SERVER}", "{}}}}}],
            "users": [{{"name": "u", "user": {{"token": "abc"}}}}]}}"#,
        ca_line().replace(": ", "\": \"") + "\""
    );
    check(&text, Ok("https://192.0.2.10:6443/"));
}

#[test]
fn files_are_found_beside_the_kubeconfig() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.crt"), ca()).unwrap();
    std::fs::write(folder.path().join("token"), "abc\n").unwrap();
    let text = config(SERVER, "certificate-authority: ca.crt", "tokenFile: token");
    std::fs::write(folder.path().join("config"), text).unwrap();
    let access = read(&folder.path().join("config"), None).unwrap();
    assert_eq!(access.token().unwrap().unwrap().expose(), "abc");
}

#[test]
fn client_certificate_replaces_the_token() {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new())
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let user = format!(
        "client-certificate-data: {}\n    client-key-data: {}",
        BASE64.encode(certificate.pem().as_bytes()),
        BASE64.encode(key.serialize_pem().as_bytes())
    );
    check(
        &config(SERVER, &ca_line(), &user),
        Ok("https://192.0.2.10:6443/"),
    );
    let half = user.lines().next().unwrap();
    check(
        &config(SERVER, &ca_line(), half),
        Err("one of client certificate and client key"),
    );
}

#[test]
fn what_skips_a_check_or_runs_a_program_is_refused_by_name() {
    let with_user = |user: &str| config(SERVER, &ca_line(), user);
    let with_cluster =
        |line: &str| config(SERVER, &format!("{}\n    {line}", ca_line()), "token: abc");
    check(
        &with_user("exec: {command: aws, apiVersion: v1}"),
        Err("`exec`"),
    );
    check(
        &with_user("auth-provider: {name: oidc}"),
        Err("`auth-provider`"),
    );
    check(&with_user("token: abc\n    as: system:admin"), Err("`as`"));
    check(&with_user("username: a\n    password: b"), Err("password"));
    check(
        &with_cluster("insecure-skip-tls-verify: true"),
        Err("`insecure-skip-tls-verify`"),
    );
    check(
        &with_cluster("insecure-skip-tls-verify: false"),
        Ok("https://192.0.2.10:6443/"),
    );
    check(
        &with_cluster("proxy-url: socks5://192.0.2.1"),
        Err("`proxy-url`"),
    );
    check(
        &with_cluster("tls-server-name: kubernetes"),
        Err("`tls-server-name`"),
    );
}

#[test]
fn plain_http_is_refused() {
    check(
        &config("http://192.0.2.10:8080", &ca_line(), "token: abc"),
        Err("https://"),
    );
}

#[test]
fn missing_trust_or_credential_is_told() {
    check(
        &config(SERVER, "extensions: []", "token: abc"),
        Err("`certificate-authority`"),
    );
    check(&config(SERVER, &ca_line(), "token: ''"), Err("`token`"));
    check("current-context: other\ncontexts: []\n", Err("the context"));
}

#[test]
fn error_of_a_broken_file_does_not_quote_it() {
    let error = parse(b"users:\n- name: [hidden-value\n", None, Path::new(".")).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("hidden-value"));
}
