//! `inet`, `cidr` (manual, 8.9.1 and 8.9.2).

use core::net::Ipv6Addr;

use super::{Failure, Outcome};

/// Reads an `inet`, or a `cidr`, which is a network: nothing may stand to the right of its mask.
pub(super) fn address(text: &str, is_network: bool) -> Outcome {
    if text.contains(':') { version_6(text, is_network) } else { version_4(text, is_network) }
}

fn mask(text: Option<&str>, most: u8) -> Result<u8, Failure> {
    let Some(text) = text else { return Ok(most) };
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::Syntax);
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err(Failure::Undecided);
    }
    text.parse().ok().filter(|bits| *bits <= most).ok_or(Failure::Syntax)
}

fn version_4(text: &str, is_network: bool) -> Outcome {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    // Fewer parts mean other things for both types, and so do hexadecimal digits.
    let parts: Vec<&str> = address.split('.').collect();
    let is_partial = parts.len() < 4;
    if address.ends_with('.') && address.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(Failure::Undecided);
    }
    let mut octets = [0_u8; 4];
    for (index, part) in parts.iter().enumerate() {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let octet = octets.get_mut(index).ok_or(Failure::Syntax)?;
        match part.parse() {
            Ok(number) if is_number => *octet = number,
            _ if address.starts_with("0x") || address.starts_with("0X") => return Err(Failure::Undecided),
            _ => return Err(Failure::Syntax),
        }
    }
    let has_bits = bits.is_some();
    let bits = mask(bits, 32)?;
    if is_partial {
        // Without a mask, an `inet` has all of its parts.
        return Err(if is_network || has_bits { Failure::Undecided } else { Failure::Syntax });
    }
    let number = u32::from_be_bytes(octets);
    if is_network && u64::from(number) & ((1_u64 << (32 - bits)) - 1) != 0 {
        return Err(Failure::Syntax);
    }
    let [a, b, c, d] = octets;
    Ok(printed(format!("{a}.{b}.{c}.{d}"), bits, 32, is_network))
}

fn version_6(text: &str, is_network: bool) -> Outcome {
    let (written, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = written.parse::<Ipv6Addr>() else {
        // An address of version 4 at the end is read with more tolerance.
        return Err(if written.contains('.') { Failure::Undecided } else { Failure::Syntax });
    };
    let bits = mask(bits, 128)?;
    let right_of_mask = if bits == 0 { u128::MAX } else { (1_u128 << (128 - bits)).wrapping_sub(1) };
    let right_of_mask = if bits == 128 { 0 } else { right_of_mask };
    if is_network && u128::from(address) & right_of_mask != 0 {
        return Err(Failure::Syntax);
    }
    Ok(printed(printed_version_6(address), bits, 128, is_network))
}

fn printed(address: String, bits: u8, most: u8, is_network: bool) -> String {
    if bits == most && !is_network { address } else { format!("{address}/{bits}") }
}

/// The first of the longest runs of two or more zeros is left out; a version 4 address at the end is written as such.
fn printed_version_6(address: Ipv6Addr) -> String {
    let words = address.segments();
    let (mut start, mut length) = (0, 0);
    let mut index = 0;
    while index < words.len() {
        let zeros = words[index..].iter().take_while(|word| **word == 0).count();
        if zeros > length && zeros >= 2 {
            (start, length) = (index, zeros);
        }
        index += zeros.max(1);
    }
    let holds_version_4 =
        start == 0 && (length == 6 || length == 7 && words[7] != 1 || length == 5 && words[5] == 0xffff);
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        if length > 0 && (start..start + length).contains(&index) {
            if index == start {
                text.push(':');
            }
            continue;
        }
        if index > 0 {
            text.push(':');
        }
        if holds_version_4 && index == 6 {
            let [a, b, c, d] = (u32::from(words[6]) << 16 | u32::from(words[7])).to_be_bytes();
            text.push_str(&format!("{a}.{b}.{c}.{d}"));
            return text;
        }
        text.push_str(&format!("{word:x}"));
    }
    if length > 0 && start + length == words.len() {
        text.push(':');
    }
    text
}
