use std::io::Read as _;

use bumpalo::Bump;

use super::{Found, Scanner};
use crate::field::Field;

#[test]
#[ignore = "temporary"]
fn speed() {
    let path = std::env::var("LOG").unwrap();
    for (name, fields, lists) in [
        ("all", Field::ALL.to_vec(), true),
        ("legacy", vec![Field::Id, Field::UserDisplayName, Field::Identity, Field::Protocol, Field::UserAgent, Field::ResultWord, Field::ResultSignature, Field::DeviceId, Field::DeviceName, Field::OperatingSystem, Field::Browser, Field::TrustType, Field::IpAddress, Field::CallerIpAddress, Field::EventTypes, Field::Interactive], false),
        ("none", vec![], false),
    ] {
        for size in [128 << 10, 512 << 10] {
        let mut file = std::fs::File::open(&path).unwrap();
        let mut buffer = vec![0_u8; size];
        let mut kept = 0;
        let mut scanner = Scanner::new(&fields, lists);
        let mut arena = Bump::new();
        let (mut objects, mut odd, mut ids) = (0_u64, 0_u64, 0_u64);
        let start = std::time::Instant::now();
        let mut io = std::time::Duration::ZERO;
        loop {
            let t = std::time::Instant::now();
            let n = file.read(&mut buffer[kept..]).unwrap();
            io += t.elapsed();
            if n == 0 { break; }
            let end = kept + n;
            let cut = memchr::memrchr(b'\n', &buffer[..end]).unwrap() + 1;
            let text = simdutf8::basic::from_utf8(&buffer[..cut]).unwrap();
            scanner.read(text, &arena, &mut |found| match found {
                Found::Object(reading) => { objects += 1; ids += reading.sign_in.text.id.map_or(0, str::len) as u64; true }
                Found::Odd(..) => { odd += 1; true }
            });
            arena.reset();
            buffer.copy_within(cut..end, 0);
            kept = end - cut;
        }
        let all = start.elapsed();
        println!("{name} {size}: {objects} objects {odd} odd {ids}, {:.3} s, io {:.3}, {:.0} MB/s without io", all.as_secs_f64(), io.as_secs_f64(), 3703.7 / (all - io).as_secs_f64());
        }
    }
}
