use std::io::Read as _;

use bumpalo::Bump;

use super::{Found, Scanner};
use crate::field::Field;

#[test]
#[ignore = "temporary"]
fn speed() {
    let path = std::env::var("LOG").unwrap();
    let only = std::env::var("ONLY").unwrap_or_default();
    for (name, fields, lists) in [
        ("all", Field::ALL.to_vec(), true),
        (
            "legacy",
            vec![
                Field::Id,
                Field::UserDisplayName,
                Field::Identity,
                Field::Protocol,
                Field::UserAgent,
                Field::ResultWord,
                Field::ResultSignature,
                Field::DeviceId,
                Field::DeviceName,
                Field::OperatingSystem,
                Field::Browser,
                Field::TrustType,
                Field::IpAddress,
                Field::CallerIpAddress,
                Field::EventTypes,
                Field::Interactive,
            ],
            false,
        ),
        ("none", vec![], false),
    ] {
        if !only.is_empty() && name != only {
            continue;
        }
        for size in [256 << 10] {
            let mut file = std::fs::File::open(&path).unwrap();
            let mut buffer = vec![0_u8; size];
            let mut kept = 0;
            let mut scanner = Scanner::new(&fields, lists);
            let mut arena = Bump::new();
            let (mut objects, mut odd, mut ids) = (0_u64, 0_u64, 0_u64);
            let start = cpu();
            let mut io = std::time::Duration::ZERO;
            let (mut utf, mut idx) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
            loop {
                let t = cpu();
                let n = file.read(&mut buffer[kept..]).unwrap();
                io += (cpu() - t);
                if n == 0 {
                    break;
                }
                let end = kept + n;
                let cut = memchr::memrchr(b'\n', &buffer[..end]).unwrap() + 1;
                let t = cpu();
                let mut b = super::Bits::default();
                std::mem::swap(&mut b, &mut scanner.bits);
                b.read(&buffer[..cut]);
                std::mem::swap(&mut b, &mut scanner.bits);
                idx += cpu() - t;
                let t = cpu();
                let text = simdutf8::basic::from_utf8(&buffer[..cut]).unwrap();
                utf += cpu() - t;
                scanner.read(text, &arena, &mut |found| match found {
                    Found::Object(reading) => {
                        objects += 1;
                        ids += reading.sign_in.text.id.map_or(0, str::len) as u64;
                        true
                    }
                    Found::Odd(..) => {
                        odd += 1;
                        true
                    }
                });
                arena.reset();
                buffer.copy_within(cut..end, 0);
                kept = end - cut;
            }
            let all = cpu() - start;
            println!(
                "{name} {size}: {objects} objects {odd} odd {ids}, {:.3} s, io {:.3}, {:.0} MB/s without io, bits {:.3} utf8 {:.3} walk {:.3}",
                all.as_secs_f64(),
                io.as_secs_f64(),
                3703.7 / (all - io - idx).as_secs_f64(),
                idx.as_secs_f64(),
                utf.as_secs_f64(),
                (all - io - idx * 2 - utf).as_secs_f64()
            );
        }
    }
}

fn cpu() -> std::time::Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    std::time::Duration::from_nanos(text.split_whitespace().next().unwrap().parse().unwrap())
}
