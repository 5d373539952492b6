//! Errors of Rust, one branch per way to fail.
use std::cell::RefCell;

struct Door;
impl Drop for Door {
    fn drop(&mut self) {
        if std::thread::panicking() {
            panic!("stuck while closing");
        }
    }
}

#[derive(Debug)]
struct Overdrawn {
    #[allow(dead_code)]
    account: u32,
}

fn pay(account: u32) -> Result<(), Overdrawn> {
    Err(Overdrawn { account })
}

fn main() {
    let case = std::env::args().nth(1).unwrap();
    match case.as_str() {
        "index" => println!("{}", vec![1, 2, 3][case.len() + 7]),
        "unwrap" => pay(17).unwrap(),
        "message" => panic!("account {} is overdrawn", 17),
        "lines" => panic!("first line\nsecond line\n  third line"),
        "thread" => {
            let worker = std::thread::Builder::new().name("worker-1".into());
            let _ = worker.spawn(|| pay(17).expect("payment")).unwrap().join();
        }
        "double" => {
            let _door = Door;
            pay(18).unwrap();
        }
        "overflow" => println!("{}", case.len() as u8 - 9 * case.len() as u8 + 8),
        "drop" => {
            let result: Result<u32, String> = Err("no such file\nor folder".into());
            result.expect("reading settings");
        }
        "refcell" => {
            let cell = RefCell::new(1);
            let _one = cell.borrow_mut();
            let _two = cell.borrow_mut();
        }
        _ => {}
    }
}
