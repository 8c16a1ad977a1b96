//! How the program is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let of_target = |name: &str| std::env::var(name).unwrap_or_default();
    let is_linux = of_target("CARGO_CFG_TARGET_OS") == "linux";
    if is_linux && of_target("CARGO_CFG_TARGET_ENV") == "gnu" {
        // At a place that is known when it is linked: to move 19,000 addresses to a random one takes longer at each
        // start than most answers. Nothing in the program depends on where it is.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
