const DATE_PIECES: &[&str] = &[
    "2026", "-", "01", "02", "/", " ", "jan", "Feb", "december", "BC", "ad", "12:30", ":15.5", "T", "z", "+02", "-05:30",
    "epoch", "infinity", "now", "J", "2451545", "20260102", "040506", ".", "am", "PM", "monday", "at", ",", "1", "99",
    "Europe/Rome", "foo",
];

const SAMPLES: &[Sample] = &[
    Sample {
        data_type: "boolean",
        whole: &["true", "t", "TRUE", " yes ", "y", "on", "1", "false", "f", "no", "n", "off", "of", "o", "0", "", "2", "truee"],
        pieces: &["t", "r", "u", "e", "f", "a", "l", "s", "o", "n", " ", "y", "1", "0"],
    },
    Sample {
        data_type: "smallint",
        whole: &["0", "-32768", "32767", "32768", "-32769", " 12 ", "+7", "1.0", "", "-", "1e3", "0x10", "1_000", "007"],
        pieces: &["1", "23", "-", "+", " ", "0", "9", "_", "x"],
    },
    Sample {
        data_type: "integer",
        whole: &["0", "-2147483648", "2147483647", "2147483648", "\t12\n", "12 3", "99999999999999999999"],
        pieces: &["1", "23", "-", "+", " ", "0", "9"],
    },
    Sample {
        data_type: "bigint",
        whole: &["0", "-9223372036854775808", "9223372036854775807", "9223372036854775808", "-9223372036854775809"],
        pieces: &["1", "23", "-", "+", " ", "0", "9223372036"],
    },
    Sample {
        data_type: "oid",
        whole: &["0", "1", "4294967295", "4294967296", " 12 ", "x", ""],
        pieces: &["1", "23", " ", "9"],
    },
    Sample {
        data_type: "numeric",
        whole: &[
            "0", "-0.00", "1.50", "1e3", "1.5e-3", "1.50E1", ".5", "5.", ".", "", "NaN", "nan", "-NaN", "Infinity", "-inf",
            "+Infinity", "infinit", "1e", "1e+", "00012.3400", "123456789012345678901234567890.123456789", "1e-20", "- 1",
        ],
        pieces: &["1", "0", ".", "e", "E", "-", "+", "9", "00", "12345", " "],
    },
    Sample {
        data_type: "numeric(6,2)",
        whole: &["0", "9999.994", "9999.995", "-9999.99", "0.005", "-0.005", "0.0049", "1e4", "1e3", "NaN", "Infinity", "99999"],
        pieces: &["1", "0", ".", "e1", "-", "9", "99", "5"],
    },
    Sample {
        data_type: "numeric(3,0)",
        whole: &["999.4", "999.5", "0.5", "1.5", "-0.4", "1e2"],
        pieces: &["1", "0", ".", "e1", "-", "9", "99", "5"],
    },
    Sample {
        data_type: "real",
        whole: &[
            "0", "-0", "1.5", "0.1", "1e10", "123456", "1234567", "3.4028235e38", "3.5e38", "1e-45", "1e-46", "NaN", "-inf",
            "Infinity", "1e-5", "0.0001", "16777217", "inf ", "",
        ],
        pieces: &["1", "0", ".", "e", "-", "9", "12", "7", "e-"],
    },
    Sample {
        data_type: "double precision",
        whole: &[
            "0", "-0", "1.5", "0.1", "1e15", "1e14", "123456789012345", "1234567890123456", "1.7976931348623157e308",
            "1.8e308", "5e-324", "2e-324", "NaN", "-inf", "9007199254740993", "5.6843418860808015e-14", "1e22", "1e23", "",
            "0x1p3", "1e", "e5", "9.5367431640625e-07",
        ],
        pieces: &["1", "0", ".", "e", "-", "9", "12", "7", "e-", "12345678"],
    },
    Sample {
        data_type: "text",
        whole: &["", "a", " a ", "é", "'", "\\"],
        pieces: &["a", " ", "é", "'"],
    },
    Sample {
        data_type: "varchar(4)",
        whole: &["", "four", "five5", "four  ", "éééé", "ééééé", "a    "],
        pieces: &["a", " ", "é", "bc"],
    },
    Sample {
        data_type: "char(4)",
        whole: &["", "four", "five5", "four  ", "éé", "a"],
        pieces: &["a", " ", "é", "bc"],
    },
    Sample { data_type: "name", whole: &["", "a", "0123456789012345678901234567890123456789012345678901234567890123456789", "ééééééééééééééééééééééééééééééééééé"], pieces: &["a", "é"] },
    Sample { data_type: "\"char\"", whole: &["", "a", "ab", "\\001", " "], pieces: &["a", "b"] },
    Sample {
        data_type: "bytea",
        whole: &["", "\\x", "\\x00ff", "\\xA B", "\\xAB CD", "a\\\\b", "a\\000b", "\\400", "\\x0", "é", "\\377", "\\X00", "\\"],
        pieces: &["\\", "x", "0", "a", "12", " ", "377", "g"],
    },
    Sample {
        data_type: "uuid",
        whole: &[
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
            " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "", "a0eebc999c0b4ef8bb6d6bb9bd380a11-",
        ],
        pieces: &[],
    },
    Sample { data_type: "bit(3)", whole: &["101", "1011", "10", "x5", "b101", "B11", "", "102"], pieces: &["1", "0", "x", "b"] },
    Sample { data_type: "varbit", whole: &["", "101", "xF", "XfF", "b01", "x", "0b1", "2"], pieces: &["1", "0", "x", "F"] },
    Sample { data_type: "varbit(4)", whole: &["", "101", "xF", "XfF", "10101"], pieces: &["1", "0"] },
    Sample {
        data_type: "date",
        whole: &[
            "2026-01-02", "2026-02-30", "2026-02-29", "2024-02-29", "January 8, 1999", "1/8/1999", "1/18/1999", "18/1/1999", "01/02/03",
            "1999-Jan-08", "Jan-08-1999", "08-Jan-1999", "99-Jan-08", "08-Jan-99", "Jan-08-99", "19990108", "990108", "1999.008",
            "J2451187", "January 8, 99 BC", "epoch", "infinity", "-infinity", "5874897-12-31", "5874898-01-01", "4714-11-24 BC",
            "4714-11-23 BC", "0000-01-01", "0001-01-01", "0001-01-01 BC", "2026-13-01", "2026-00-10", "2026-1-2", "2026-01-02T10:00:00Z",
            "2026-01-02 10:00", "today", "tomorrow", "yesterday", "now", "", "x", "2026", "2026-01", "20260230", "1999-008", "Mon Jan 5 2026",
            "2026-01-02 25:00", "100000-01-01", "2026-01-02 Europe/Berlin", "2026-01-02 nowhere", "2026 Jan 2", "0044-03-15 BC",
        ],
        pieces: DATE_PIECES,
    },
    Sample {
        data_type: "time",
        whole: &[
            "04:05:06.789", "04:05:06", "04:05", "040506", "0405", "04:05 AM", "04:05 PM", "12:00 am", "12:00 pm", "13:00 PM",
            "04:05:06.789-8", "04:05:06-08:00", "040506-08", "04:05:06 PST", "2003-04-12 04:05:06 America/New_York", "24:00:00",
            "24:00:01", "23:59:60", "23:59:60.5", "allballs", "now", "25:00", "04:60", "T040506", "", "x", "1:2:3", "040506.5", "4.5",
            "04:05:06.1234567", "04:05:06.9999999",
        ],
        pieces: DATE_PIECES,
    },
    Sample { data_type: "time(2)", whole: &["04:05:06.789", "23:59:59.999", "04:05:06.125", "24:00"], pieces: &["04", ":", "05", ".", "995", " pm"] },
    Sample {
        data_type: "timetz",
        whole: &[
            "04:05:06-08", "04:05:06+05:30", "04:05:06+05:30:15", "04:05:06 +0530", "04:05:06", "04:05 utc", "040506+08", "040506-08",
            "allballs", "04:05:06Z", "04:05:06+16", "04:05:06+15:59:59", "04:05+99", "2026-01-02 04:05+02", "24:00+01", "now",
        ],
        pieces: DATE_PIECES,
    },
    Sample {
        data_type: "timestamp",
        whole: &[
            "2026-01-02 03:04:05", "2026-01-02T03:04:05", "2026-01-02 03:04:05.123456", "2026-01-02 03:04:05.1234565", "2026-01-02",
            "January 8 04:05:06 1999 PST", "1999-01-08 04:05:06 BC", "20260102T030405", "20260102 030405.5", "2026-01-02 24:00", "epoch",
            "infinity", "-infinity", "294276-12-31 23:59:59.999999", "294277-01-01", "4713-01-01 BC", "4714-11-24 00:00:00 BC", "4714-11-23 BC", "now",
            "today", "tomorrow 12:00", "2026-01-02 03:04:05+02", "2026-01-02 23:59:60", "", "2026-01-02 3 am", "Sat Jan 3 03:04:05 2026",
        ],
        pieces: DATE_PIECES,
    },
    Sample { data_type: "timestamp(3)", whole: &["2026-01-02 03:04:05.12345", "2026-01-02 23:59:59.9995", "1999-12-31 23:59:59.9994", "1900-01-01 00:00:00.0005"], pieces: DATE_PIECES },
    Sample {
        data_type: "timestamptz",
        whole: &[
            "2026-01-02 03:04:05+02", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05 -05:30", "2026-01-02", "2026-01-02 03:04", "epoch", "infinity",
            "2026-01-02 03:04:05.5 UTC", "2026-01-02 03:04:05 GMT", "294276-12-31 23:59:59+00", "294276-12-31 23:59:59-01", "4714-11-24 BC 00:00+01",
            "20260102T030405-0530", "2026-01-02 03:04:05+2", "2026-01-02 030405-02", "now", "2026-02-30 00:00+00", "2026-01-02 03:04:05+02:00:30", "0001-01-01 00:00+02",
        ],
        pieces: DATE_PIECES,
    },
    Sample { data_type: "timestamptz(0)", whole: &["2026-01-02 03:04:05.5+02", "2026-01-02 03:04:05.499Z"], pieces: DATE_PIECES },
    Sample {
        data_type: "jsonb",
        whole: &[
            r#"{"bb": 1, "a": [1.50, -0, 1e3, true, null], "a": "x\u0041\n"}"#, "[]", "{}", "1", "-0.0", "\"\"", "null", "nul", "{a:1}", "[1,]",
            r#""\ud83d\ude00""#, r#""\ud83d""#, r#""\u0000""#, "01", "1.", "\"\t\"", "[1 2]", "tru", "", " [ ] ", r#"{"a":{"b":[{}]}}"#, "'a'",
        ],
        pieces: JSON_PIECES,
    },
    Sample {
        data_type: "json",
        whole: &[r#"{"b": 1,"a":[ 1.50]}"#, "[]", r#""\u0000""#, r#""\ud83d""#, "01", "{\"a\"}", "", "[1,]", "-", "1e5", "1e"],
        pieces: JSON_PIECES,
    },
    Sample {
        data_type: "inet",
        whole: &[
            "192.168.0.1", "192.168.0.1/24", "192.168.0.1/32", "192.168.0.256", "10.1/16", "::1", "2001:db8::/32", "::ffff:1.2.3.4", "::1.2.3.4",
            "1:0:0:2:0:0:0:3", "fe80::1/64", "1::2::3", "10.0.0.0/33", "010.001.0.0", "", "x", "::", "0:0:0:0:0:0:0:0/0", "1.2.3.4/", "1.2.3.4.5", "2001:DB8::A",
        ],
        pieces: &["1", "0", ".", ":", "::", "/", "24", "255", "ffff", "10.0.0.1"],
    },
    Sample {
        data_type: "cidr",
        whole: &["192.168.0.0/24", "192.168.0.1/24", "10.0.0.0", "10", "2001:db8::/32", "2001:db8::1/32", "::1", "192.168.100.128/25", "0.0.0.0/0"],
        pieces: &["1", "0", ".", ":", "::", "/", "24", "255", "10.0.0.0"],
    },
    Sample {
        data_type: "macaddr",
        whole: &[
            "08:00:2b:01:02:03", "08-00-2B-01-02-03", "08002b:010203", "08002b-010203", "0800.2b01.0203", "0800-2b01-0203", "08002b010203",
            "08:00:2b:01:02", "08:00:2b:01:02:zz", "", "08:00:2b:01:02:03:04:05", "8:0:2b:1:2:3", "8-0-2b-1-2-3", " 08:00:2b:01:02:03 ",
            "08:00:2b:01:02:100", "08002b:010203:", "0800.2b01.020", "08 00 2b 01 02 03", "8:00:2b:01:02:3 x",
        ],
        pieces: &["08", ":", "-", "2b", "0", "00:00:00:", ".", "01-02-"],
    },
    Sample {
        data_type: "macaddr8",
        whole: &[
            "08:00:2b:01:02:03", "08-00-2b-01-02-03-04-05", "08002b0102030405", "0800.2b01.0203", "08:00:2b:01:02:zz", "08002b:010203",
            "08:00:2b", "08:00:2b:01:02", "08:00:2b:01:02:03:04", "08:00:2b:01:02:03:04:05:06", "08:00-2b:01:02:03", " 08002b010203 ", "08002b010203x",
            "08:00:2b:01:02:03 x", "0800:2b01:0203:0405", "8:0:2b:1:2:3", "", "08:00:2b:01:02:03:", "08:00:2b:01:02:03::",
        ],
        pieces: &["08", ":", "-", "2b", "0", "00:00:00:", ".", "01-02-", "0102", " "],
    },
    Sample { data_type: "tid", whole: &["(0,1)", "(4294967295,65535)", "(0,65536)", "0,1)", "(0,1", "(0)", "", "( 1 , 2 )", "(1, 2)", "x(1,2)y", "1,2,3)", "(a,b)", "(0,)", "(,1)", "(4294967296,1)"], pieces: &["(", ")", ",", "0", "1", "65535", " "] },
    Sample { data_type: "xid", whole: &["0", "1", "4294967295", "4294967296", "-1", "x", "", "007"], pieces: &["1", "23", " ", "9"] },
    Sample { data_type: "cid", whole: &["0", "1", "4294967295", "x", ""], pieces: &["1", "23", " ", "9"] },
    Sample { data_type: "xid8", whole: &["0", "1", "18446744073709551615", "18446744073709551616", "-1", "x", ""], pieces: &["1", "23", " ", "9"] },
    Sample { data_type: "pg_lsn", whole: &["0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF", "1/100000000", "/1", "1/", "1", "", "x/1", "1/2/3", " 1/2", "0/00000001"], pieces: &["1", "/", "F", "0", "b374", " ", "x"] },
    Sample { data_type: "pg_snapshot", whole: &["10:20:", "10:20:10,14,15", "10:20:14,14", "10:20:15,14", "10:20:20", "10:20:9", "20:10:", "10:10:", "0:5:", "10:20", "10", "", "10:20:14,", "10:20:,", "10:20:x", "a:b:c", "10:9223372036854775807:", "10:9223372036854775808:"], pieces: &["1", ":", "5", "10", ",", " ", "12"] },
    Sample { data_type: "txid_snapshot", whole: &["10:20:", "10:20:10,14,15", "20:10:", "10:20"], pieces: &["1", ":", "5", "10", ",", " ", "12"] },
    Sample { data_type: "int2vector", whole: &["", "1", "1 2 3", " 1  2 ", "-1 32767", "32768", "1,2", "x", "1 x", "{1,2}"], pieces: &["1", " ", "23", "-", "9"] },
    Sample { data_type: "oidvector", whole: &["", "1", "1 2 3", " 1  2 ", "4294967295", "4294967296", "1,2", "x", "1 x", "{1,2}"], pieces: &["1", " ", "23", "9"] },
    Sample { data_type: "refcursor", whole: &["", "c", "a cursor"], pieces: &["a", " "] },
    Sample { data_type: "gtsvector", whole: &["", "a"], pieces: &[] },
    Sample { data_type: "tsvector", whole: &["a fat cat", "a:1A,2b fat:3", "'it''s' x", "'two words':4C,4A", "a\\ b:10", "a:0", "a:", ":1", "'a", "", "b a a:3,1", "a:1,2,", "x:1D y:20000", "''", "a:1x", "é:1"], pieces: TEXT_SEARCH_PIECES },
    Sample { data_type: "tsquery", whole: &["fat & rat", "fat & (rat | !cat)", "a <-> b <2> c", "super:*", "a:AB & b:*c", "'two words' | x", "!(a & b)", "a | b & c", "a &", "(a", "a b", "", "a <-> (b <-> c)", "!!a", ":a", "a:b:c", "'a'b", "a <> b", "(a <-> b) <-> c", "!(a | b) & c"], pieces: TEXT_SEARCH_PIECES },
    Sample { data_type: "hstore", whole: &["a=>1", "a=>1, bb=>NULL", "\"a b\" => \"c\\\"d\"", "", "a=>", "a", "a=>1,", "=>1", "a = > 1", "a=>b=c", "a,b=>c", "k=>\"null\", z=>null", "a=>1 b=>2"], pieces: PAIR_PIECES },
    Sample { data_type: "ltree", whole: &["Top.Science", "", "a", "a.", ".a", "a..b", "a b", "a_1.B2", "a-b", "a.b!", "1.2.3"], pieces: &["a", "B_2", ".", "1", " ", "-", "!"] },
    Sample { data_type: "point", whole: &["(1,2)", "1,2", " ( 1.50 , -2e3 ) ", "(1)", "(1,2", "1,2)", "", "(a,b)", "(NaN,Infinity)", "(1,2),"], pieces: POINT_PIECES },
    Sample { data_type: "lseg", whole: &["[(1,2),(3,4)]", "((1,2),(3,4))", "(1,2),(3,4)", "1,2,3,4", "[(1,2)]"], pieces: POINT_PIECES },
    Sample { data_type: "box", whole: &["((1,2),(3,4))", "((3,1),(2,5))", "(1,2),(3,4)", "1,2,3,4"], pieces: POINT_PIECES },
    Sample { data_type: "path", whole: &["[(1,2),(3,4)]", "((1,2),(3,4),(5,6))", "(1,2)", "[(1,2)]", "1,2,3,4"], pieces: POINT_PIECES },
    Sample { data_type: "polygon", whole: &["((1,2),(3,4),(5,6))", "((0,0))", "(1,2),(3,4)"], pieces: POINT_PIECES },
    Sample { data_type: "circle", whole: &["<(1,2),3>", "<(1,2),-3>", "((1,2),3)", "1,2,3", "< (1.5,2) , 3.50 >"], pieces: POINT_PIECES },
    Sample { data_type: "line", whole: &["{1,2,3}", "{0,0,1}", "{1,2}", "[(1,2),(3,4)]", "1,2,3,4", "(1,2),(1,2)", " { 1.50 , -2e3 , 0 } ", "{1,2,3", "{1,2,3}x", ""], pieces: POINT_PIECES },
    Sample { data_type: "money", whole: &["1", "$1.00", "-$5", "($5.00)", "1,000.50", "lots", "5 EUR", "", "one"], pieces: &["1", "$", ".", ",", "-", "(", ")", "euro", " "] },
    Sample {
        data_type: "xml",
        whole: &[
            "<a/>", "<a>b</a>", "<a>", "</a>", "<a></b>", "a", "", "<a b=\"c\"/>", "<a b='c'/>", "<a b=c/>", "<a b/>", "<a b='<'/>", "a & b",
            "a &amp; b", "&#10;", "&;", "<!-- x -->", "<!-- x", "<![CDATA[<a>]]>", "<?x y?>", "<a/><b/>", "<1/>", "< a/>", "<a ></a >", "<a>b<c/>d</a>", "a < b", "a > b",
        ],
        pieces: &["<a>", "</a>", "<b", "/>", ">", "<", " c=\"d\"", "&lt;", "&", "x", "<!--", "-->", "<b/>"],
    },
    Sample {
        data_type: "jsonpath",
        whole: &[
            "$", "$.a", "$.a.b[*]", "$.a[0]", "$.a[0 to last]", "$[last - 1, 2]", "strict $.a", "lax $", "$.*", "$.**", "$.**{2}", "$.**{1 to last}", "$.a ? (@ > 1)",
            "$.a ? (@.b == \"x\" && @.c < 2)", "$ ? (exists (@.a))", "$ ? (@.a starts with \"x\")", "$ ? (@ like_regex \"^a\" flag \"i\")", "$.a.type()", "$.size() > 1",
            "$.a == 1", "$.a + 1", "-$.a", "($.a + 1) * 2", "$.\"a b\"", "$x", "$\"x y\"", "$.a ? (@ > $x)", "!($.a == 1)", "$.a && $.b", "($.a == 1) || ($.b == 2)",
            "$ ? ((@.a == 1) is unknown)", "null", "true", "1", "\"a\"", "a", "", "@", "last", "$.[", "$..a", "$.a ? ", "$.a ? @ > 1", "$.a[", "$.a[]", "$.a[*", "$.", "a.b",
            "$.a = 1", "$.a and $.b", "$.a ? (@ = 1)", "$.a ? (@ > 1", "'$.a'", "$.a b", "$ ? (1)", "$.a.datetime()", "$.keyvalue()", "$.a.double().b", "exists ($.a)", "$.last", "$.exists",
            "$.a /* x */", "$.a /* x", "$.1a", "$[1].a ? (@.b > 1).c", "((($)))", "$.a ? (!(@ > 1))", "! $.a", "$.a starts with \"b\"", "$.a[$.b]", "$.a ? (@[last] == 1)",
        ],
        pieces: &["$", ".", "a", "b", "[", "]", "*", "1", "last", "to", " ", "?", "(", ")", "@", ">", "==", "&&", "||", "!", "\"x\"", "exists", "is unknown", "+", "-", ",", "{", "}", ".**", "type()", "like_regex", "starts with"],
    },
    Sample { data_type: "lquery", whole: &["a", "a.b", "*", "*.a.*", "a.*{2}.b", "*{1,}", "*{,2}", "*{1,2}", "a*", "a@*%", "a|b.c", "!a.b", "!a|b", "a{2}", "", ".", "a.", "a..b", "a b", "*{2,1}", "*{", "|a", "a|", "!", "*a"], pieces: &["a", "B_2", ".", "*", "{1}", "{", "}", ",", "|", "!", "@", "%", " ", "1"] },
    Sample { data_type: "ltxtquery", whole: &["a", "a & b", "a | !b", "(a | b) & c", "a*@%", "", "a &", "a b", "(a", "!", "& a", "a & (b"], pieces: &["a", "b", "&", "|", "!", "(", ")", "*", "@", "%", " ", "1"] },
    Sample { data_type: "int4range", whole: &["[1,5]", "(1,5)", "[1,5)", "empty", "[,5]", "(,)", "[5,1]", "[1,1)", "(1,2)", "[1,2147483647]", "[ 1 , 5 ]", "[\"1\",5)", "[1,5", "EMPTY ", ""], pieces: RANGE_PIECES },
    Sample { data_type: "int8range", whole: &["[1,5]", "(-5,5)", "[,9223372036854775807]"], pieces: RANGE_PIECES },
    Sample { data_type: "numrange", whole: &["[1.50,5]", "(1,1]", "[1.5,1.50]", "[-2,-1.5)", "[NaN,1]", "[2,10]", "[10,2]"], pieces: RANGE_PIECES },
    Sample { data_type: "daterange", whole: &["[2026-01-01,2026-12-31]", "(2026-01-01,2026-01-02)", "[2026-01-01,infinity]", "[,]", "[2026-02-30,]", "[2026-01-02,2026-01-01]", "[epoch,today]"], pieces: RANGE_PIECES },
    Sample { data_type: "tsrange", whole: &["[2026-01-01,2026-12-31]", "[\"2026-01-01 10:00\",\"2026-01-01 10:00:00.5\")", "[2026-01-01 10:00,)"], pieces: RANGE_PIECES },
    Sample { data_type: "tstzrange", whole: &["[2026-01-01 10:00+02,2026-01-01 10:00Z]", "(-infinity,infinity)"], pieces: RANGE_PIECES },
    Sample { data_type: "int4multirange", whole: &["{}", "{[1,5]}", "{[1,5],[7,8]}", "{empty}", "{[1,5]", "{(,)}"], pieces: &["{", "}", "[1,5]", ",", "empty", " "] },
    Sample { data_type: "integer[]", whole: &["{}", "{1, 2}", "{1,NULL,3}", "{{1,2},{3,4}}", "{{1,2},{3}}", "[2:3]={1,2}", "[1:2]={1,2}", "{1,}", "{,1}", "{1 2}", "", "{x}", "{\"1\"}", " {1} ", "[2:3]={1}", "{1}x", "{{1},2}"], pieces: ARRAY_PIECES },
    Sample { data_type: "text[]", whole: &["{}", "{a,b}", "{\"a b\", c }", "{null,\"null\"}", "{\"\"}", "{a\"b\"}", "{\"a\"b}", "{\"a\\\"b\"}", "{a b}", "{{a},{b}}", "{a{b}"], pieces: ARRAY_PIECES },
    Sample { data_type: "varchar(2)[]", whole: &["{a,bc}", "{abc}"], pieces: ARRAY_PIECES },
    Sample { data_type: "timestamptz[]", whole: &["{2026-01-01,\"2026-01-01 10:00+02\"}", "{now}", "{2026-13-01}"], pieces: &[] },
    Sample { data_type: "uuid[]", whole: &["{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "{x}"], pieces: &[] },
    Sample { data_type: "numeric(4,1)[]", whole: &["{1.25, 2}", "{10000}"], pieces: ARRAY_PIECES },
    Sample { data_type: "box[]", whole: &["{((1,2),(3,4));((5,6),(7,8))}", "{((1,2),(3,4)),((5,6),(7,8))}"], pieces: &[] },
    Sample { data_type: "boolean[]", whole: &["{yes,f,NULL}", "{maybe}"], pieces: &[] },
    Sample { data_type: "interval", whole: INTERVALS, pieces: INTERVAL_PIECES },
    Sample { data_type: "interval year", whole: INTERVALS, pieces: INTERVAL_PIECES },
    Sample { data_type: "interval year to month", whole: INTERVALS, pieces: INTERVAL_PIECES },
    Sample { data_type: "interval day", whole: INTERVALS, pieces: INTERVAL_PIECES },
    Sample { data_type: "interval day to minute", whole: INTERVALS, pieces: INTERVAL_PIECES },
    Sample { data_type: "interval minute to second", whole: INTERVALS, pieces: INTERVAL_PIECES },
    Sample { data_type: "interval day to second(2)", whole: INTERVALS, pieces: INTERVAL_PIECES },
    Sample { data_type: "interval(0)", whole: INTERVALS, pieces: INTERVAL_PIECES },
];

const INTERVALS: &[&str] = &[
    "1 day", "1.5 hours", "90 minutes", "1 year 2 months 3 days 4 hours 5 minutes 6 seconds", "1-2", "3 4:05:06", "P1Y2M3DT4H5M6S",
    "P0001-02-03T04:05:06", "P1W", "PT36H", "1 week ago", "-1 day +02:03", "-1 year -2 mons +3 days", "@ 1 minute", "1", "1.5", "-1.5",
    "1 fortnight", "", "x", "1 month 1 month", "1 hour 2:00", "infinity", "1.5 months", "0.1 weeks", "1.25 years", "1 century", "2 decades",
    "1 millennium", "1000 microseconds", "1.5 milliseconds", "2 us", "1 day 25:00", "00:00", "-00:00:01", "23:59:60", "1:2:3.4567891",
    "10 days ago", "1 day ago 2 hours ago", "1 day 1 day ago ago", "@ 1 minute ago", "@ 1 day 2 hours 3 mins ago", "ago", "@", "1 ago", "1 day 2", "5 10", "P1.5D", "PT1.5H", "P20260102T040506", "P-1Y", "PT-1M", "P", "PT", "P1Y2X", "P1E", "P1e1D", "P0x1D", "P1DT", "P1.25Y", "P0.5W", "P2W3D", "PT04:05", "P0001-02", "P0001-02-03T", "P0001-02-03 04:05:06",
    "P1Y1Y", "p1d", "P 1D", "P1D ", "PT1D", "P1H", "P1.5M", "PT1.5S", "PT-04:05:06.7", "P0001-13-01", "P00010203T040506", "P--1D", "P1", "PT5", "1y 2mon 3d 4h 5m 6s",
    "2147483647 days", "-2147483648 months", "12:30", "12:30.5", "-12:30", "+1 day", "1 d 1 h", "1 mon", "1 mons", "1 min", "6 weeks 3 days",
];

const INTERVAL_PIECES: &[&str] = &[
    "1", "2.5", "-", "+", " ", " day ", " hours ", "mon", "year", " weeks", ":", "04:05", "06", " ago", "P", "T", "Y", "M", "D", "H", "S", ".",
    "3-4", "sec", "ms", "12", "decade ",
];

const JSON_PIECES: &[&str] = &["{", "}", "[", "]", ",", ":", "\"a\"", "\"bb\"", "1", "1.50", "-0", "1e2", "true", "null", " ", "\\u0041", "\"", "\n"];
const POINT_PIECES: &[&str] = &["(", ")", "1", "2.5", ",", "[", "]", "<", ">", "-1", " ", "1e3"];
const RANGE_PIECES: &[&str] = &["[", "]", "(", ")", ",", "1", "5", "2026-01-01", "\"", "empty", " ", "infinity", "-3"];
const ARRAY_PIECES: &[&str] = &["{", "}", ",", "1", "2", "a", "\"", "NULL", " ", "{1,2}", "[1:2]=", "\\"];
const TEXT_SEARCH_PIECES: &[&str] = &["a", "b", "'", "''", ":", "1", ",", "A", "*", " ", "&", "|", "!", "(", ")", "<->", "<2>", "\\", "fat"];
const PAIR_PIECES: &[&str] = &["a", "b", "=>", "=", ">", ",", "\"", "\\", " ", "null", "1"];
