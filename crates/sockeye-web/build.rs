//! Lists the page's files for `workbench::page::files`; in a release each is packed by gzip (RFC 1952) and
//! goes into the binary, in a debug build it is read from the sources when it is asked for.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What is served; the types and the settings of the type checker lie beside it.
const SERVED: [&str; 5] = ["html", "css", "js", "svg", "png"];

/// How hard it is tried: the most that is worth its time.
const LEVEL: u8 = 9;

fn main() -> io::Result<()> {
    let root = var("CARGO_MANIFEST_DIR")?.join("ui");
    let out = var("OUT_DIR")?;
    let packs = env::var_os("PROFILE").is_some_and(|profile| profile == "release");
    println!("cargo:rerun-if-changed=ui");
    let mut names = Vec::new();
    collect(&root, "", &mut names)?;
    names.sort_unstable();
    let mut table = String::from("&[\n");
    for (number, name) in names.iter().enumerate() {
        let mut packed = String::from("&[]");
        if packs {
            let file = format!("{number}.gz");
            fs::write(out.join(&file), gzip(&fs::read(root.join(name))?)?)?;
            packed = format!("include_bytes!({file:?})");
        }
        // A string takes all that is written to it.
        let _ = writeln!(table, "({name:?}, {packed}),");
    }
    table.push(']');
    fs::write(out.join("files.rs"), table)
}

fn var(name: &str) -> io::Result<PathBuf> {
    env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(format!("no {name}")))
}

/// The names of what is served, as a request has them.
fn collect(folder: &Path, above: &str, names: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let own = entry.file_name();
        let own = own.to_str().ok_or_else(|| io::Error::other("a name that is not UTF-8"))?;
        let (name, path) = (format!("{above}{own}"), entry.path());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), names)?;
        } else if SERVED.iter().any(|ending| path.extension().is_some_and(|own| own == *ending)) {
            names.push(name);
        }
    }
    Ok(())
}

/// A file of gzip without a name and a time: ten bytes, the data, its CRC-32 and its length.
fn gzip(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255];
    packed.extend(miniz_oxide::deflate::compress_to_vec(data, LEVEL));
    let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(data);
    packed.extend(sum.to_le_bytes());
    let length = u32::try_from(data.len()).map_err(io::Error::other)?;
    packed.extend(length.to_le_bytes());
    Ok(packed)
}
