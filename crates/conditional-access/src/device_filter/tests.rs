use super::{DeviceRule, DeviceState, Known};
use crate::facts::{Device, DeviceProperty, DeviceValue};
use crate::outcome::Fact;
use crate::truth::Truth::{self, False, True, Unknown};

struct Missed(Vec<Fact>);

impl Known for Missed {
    fn missed(&mut self, fact: Fact) {
        self.0.push(fact);
    }
}

fn judge(rule: &str, device: DeviceState<'_>) -> Truth {
    let mut missed = Missed(Vec::new());
    let rule = DeviceRule::of(rule).unwrap_or_else(|| panic!("does not parse: {rule}"));
    let truth = rule.judge(device, &mut missed);
    if truth == Unknown {
        assert!(!missed.0.is_empty(), "nothing named: {rule:?}");
    }
    truth
}

fn laptop() -> Device {
    let text = |text: &str| DeviceValue::Text(text.to_owned());
    Device {
        registered: Some(true),
        managed: Some(true),
        properties: [
            (DeviceProperty::IsCompliant, DeviceValue::Flag(true)),
            (DeviceProperty::TrustType, text("Microsoft Entra joined")),
            (DeviceProperty::Model, text("Latitude 5440")),
            (DeviceProperty::Manufacturer, DeviceValue::Null),
            (DeviceProperty::ExtensionAttribute(1), text("SAW")),
            (
                DeviceProperty::PhysicalIds,
                DeviceValue::List(vec!["[OrderId]:42".to_owned(), "[ZTDId]:x".to_owned()]),
            ),
        ]
        .into(),
    }
}

#[test]
fn rules_nobody_can_read() {
    let long = format!("device.model -eq \"{}\"", "x".repeat(3100));
    let deep = "(".repeat(400) + "device.isCompliant -eq True" + &")".repeat(400);
    let rules = [
        "",
        "device.model",
        "device.model -eq",
        "device.model -eq Surface",
        "device.model -like \"x\"",
        "device.tenantId -eq \"x\"",
        "user.department -eq \"x\"",
        "model -eq \"x\"",
        "device.model -eq \"x",
        "device.model -eq \"x\" device.model -eq \"y\"",
        "device.model -eq \"x\" -and",
        "(device.model -eq \"x\"",
        "device.model -eq \"x\")",
        "device.model -in \"x\"",
        "device.model -in []",
        "device.model -in [\"x\",]",
        "device.model -eq [\"x\"]",
        "device.model -eq null",
        "device.isCompliant = True",
        "device.extensionAttribute16 -eq \"x\"",
        "-not",
        &long,
        &deep,
    ];
    for rule in rules {
        assert_eq!(DeviceRule::of(rule), None, "{rule}");
    }
}

#[test]
fn a_device_that_was_seen() {
    let cases = [
        ("device.isCompliant -eq True", True),
        ("DEVICE.ISCOMPLIANT -EQ true", True),
        ("device.isCompliant -ne True", False),
        ("device.trustType -eq \"AzureAD\"", True),
        ("device.trustType -in ['ServerAD', \"azuread\"]", True),
        ("device.trustType -notIn [\"ServerAD\"]", True),
        ("device.model -startsWith \"lat\"", True),
        ("device.model notStartsWith \"lat\"", False),
        ("device.model -endsWith \"5440\"", True),
        ("device.model -notEndsWith \"5440\"", False),
        ("device.model -contains \"TUDE\"", True),
        ("device.model -notContains \"x\"", True),
        ("device.physicalIds -contains \"[orderid]:42\"", True),
        ("device.physicalIds -contains \"42\"", False),
        ("device.physicalIds -notContains \"42\"", True),
        ("device.physicalIds -eq \"[OrderId]:42\"", Unknown),
        ("device.manufacturer -eq \"Dell\"", False),
        ("device.manufacturer -ne \"Dell\"", True),
        ("-not device.manufacturer -eq \"Dell\"", True),
        ("device.displayName -eq \"x\"", Unknown),
        ("device.displayName -ne \"x\"", Unknown),
        ("device.displayName -eq \"x\" -and device.isCompliant -eq False", False),
        ("device.displayName -eq \"x\" or device.isCompliant eq True", True),
        ("device.extensionAttribute1 -eq \"saw\"", True),
        // -and binds tighter than -or
        (
            "device.isCompliant -eq True -or device.isCompliant -eq False -and device.model -eq 'x'",
            True,
        ),
        (
            "(device.isCompliant -eq True -or device.isCompliant -eq False) -and device.model -eq 'x'",
            False,
        ),
        ("-not (device.isCompliant -eq True) -or device.model -eq 'x'", False),
        ("not not device.isCompliant -eq True", True),
    ];
    for (rule, expected) in cases {
        assert_eq!(judge(rule, DeviceState::Registered(&laptop())), expected, "{rule}");
    }
}

#[test]
fn a_device_that_is_not_registered_has_nothing() {
    let cases = [
        ("device.isCompliant -eq True", False),
        ("device.isCompliant -ne True", True),
        ("device.isCompliant -eq False", False),
        ("device.extensionAttribute1 -notIn [\"SAW\"]", True),
        ("-not (device.isCompliant -eq True)", Unknown),
        ("-not device.isCompliant -ne True", False),
        ("device.model -ne 'x' -or -not device.model -eq 'x'", True),
    ];
    for (rule, expected) in cases {
        assert_eq!(judge(rule, DeviceState::Unregistered), expected, "{rule}");
        assert_eq!(judge(rule, DeviceState::NotSeen), Unknown, "{rule}");
    }
}

#[test]
fn extension_attributes_of_an_unmanaged_device() {
    let mut device = laptop();
    device.managed = None;
    device.properties.insert(DeviceProperty::IsCompliant, DeviceValue::Flag(false));
    let state = DeviceState::Registered(&device);
    assert_eq!(judge("device.extensionAttribute1 -eq 'SAW'", state), False);
    assert_eq!(judge("device.extensionAttribute1 -ne 'SAW'", state), Unknown);
    device.managed = Some(true);
    let state = DeviceState::Registered(&device);
    assert_eq!(judge("device.extensionAttribute1 -eq 'SAW'", state), True);
}

#[test]
fn a_rule_written_out_reads_as_itself() {
    let cases = [
        ("DEVICE.isCompliant eq TRUE", r#"device.isCompliant -eq "true""#),
        (
            r#"device.model -ne 'a "b"' OR (device.model -eq "it's" and device.trustType -in ["Azure AD joined", 'x'])"#,
            r#"device.model -ne 'a "b"' -or device.model -eq "it's" -and device.trustType -in ["azuread", "x"]"#,
        ),
        (
            r#"-not -not ((device.model -notContains "") -and (device.deviceId -notStartsWith "a" -or device.deviceId -notEndsWith "b"))"#,
            r#"-not -not (device.model -notContains "" -and (device.deviceId -notStartsWith "a" -or device.deviceId -notEndsWith "b"))"#,
        ),
        (
            r#"(device.extensionAttribute1 -startsWith "a" -or device.model -endsWith "b") -or device.physicalIds -contains "c""#,
            r#"(device.extensionAttribute1 -startsWith "a" -or device.model -endsWith "b") -or device.physicalIds -contains "c""#,
        ),
        (
            r#"(device.model -notIn ["A"] -and device.model -contains "x") -and device.model -ne "y""#,
            r#"(device.model -notIn ["a"] -and device.model -contains "x") -and device.model -ne "y""#,
        ),
    ];
    for (text, expected) in cases {
        let rule = DeviceRule::of(text).unwrap_or_else(|| panic!("does not parse: {text}"));
        assert_eq!(rule.to_string(), expected);
        assert_eq!(DeviceRule::of(expected), Some(rule), "{expected}");
    }
}
