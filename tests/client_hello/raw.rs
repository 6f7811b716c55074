//! ClientHellos made by hand, as the record that a client sends.

const RECORD: usize = 16384;

/// A ClientHello and what is in it.
pub struct Raw {
    pub version: u16,
    pub ciphers: Vec<u16>,
    pub extensions: Vec<(u16, Vec<u8>)>,
}

pub fn numbers(list: &[u16]) -> Vec<u8> {
    list.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// Bytes after their length in one byte.
pub fn short(bytes: &[u8]) -> Vec<u8> {
    [&[bytes.len() as u8][..], bytes].concat()
}

/// Bytes after their length in two bytes.
pub fn long(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

pub fn name(host: &[u8]) -> Vec<u8> {
    long(&[&[0][..], &long(host)].concat())
}

impl Raw {
    /// The message, in one record.
    pub fn record(&self) -> Vec<u8> {
        let records = self.records();
        assert!(records.len() <= RECORD + 5, "one record is not enough");
        records
    }

    /// The message, in as many records as it needs.
    pub fn records(&self) -> Vec<u8> {
        let message = self.message();
        message.chunks(RECORD).flat_map(|part| [&[22, 3, 1][..], &long(part)].concat()).collect()
    }

    fn message(&self) -> Vec<u8> {
        let extensions: Vec<u8> = self
            .extensions
            .iter()
            .flat_map(|(kind, data)| [numbers(&[*kind]), long(data)].concat())
            .collect();
        let mut body = numbers(&[self.version]);
        body.extend([0x5A; 32]);
        body.extend(short(&[7; 32]));
        body.extend(long(&numbers(&self.ciphers)));
        body.extend([1, 0]);
        if !self.extensions.is_empty() {
            body.extend(long(&extensions));
        }
        let len = (body.len() as u32).to_be_bytes();
        [&[1][..], &len[1..], &body].concat()
    }

    /// One like that of a browser, with made up values in each list and its extensions in no order of their numbers. Its
    /// JA4 is published: t13d1516h2_8daaf6152771_e5627efa2ab1
    pub fn of_browser() -> Raw {
        let ciphers = vec![
            0x8A8A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013, 0xC014,
            0x009C, 0x009D, 0x002F, 0x0035,
        ];
        let algorithms = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
        let share = [numbers(&[0x3A3A]), long(&[0]), numbers(&[0x1D]), long(&[9; 32])].concat();
        let extensions = vec![
            (0x1A1A, vec![]),
            (0x0017, vec![]),
            (0x0000, name(b"www.example.org")),
            (0x000D, long(&numbers(&algorithms))),
            (0x002B, short(&numbers(&[0x2A2A, 0x0304, 0x0303]))),
            (0x4469, long(&short(b"h2"))),
            (0x0023, vec![]),
            (0x0010, long(&[short(b"h2"), short(b"http/1.1")].concat())),
            (0x000B, short(&[0])),
            (0x0033, long(&share)),
            (0x001B, short(&numbers(&[2]))),
            (0x002D, short(&[1])),
            (0x0012, vec![]),
            (0x000A, long(&numbers(&[0x3A3A, 0x001D, 0x0017, 0x0018]))),
            (0x0005, vec![1, 0, 0, 0, 0]),
            (0xFF01, vec![0]),
            (0x9A9A, vec![0]),
            (0x0015, vec![0; 40]),
        ];
        Raw { version: 0x0303, ciphers, extensions }
    }

    pub fn set(mut self, kind: u16, data: Vec<u8>) -> Raw {
        match self.extensions.iter_mut().find(|(known, _)| *known == kind) {
            Some(extension) => extension.1 = data,
            None => self.extensions.push((kind, data)),
        }
        self
    }
}
