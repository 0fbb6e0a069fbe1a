//! What is known of PostgreSQL's own functions by their names.
//!
//! The lists come from PostgreSQL 15, with what 16 to 18 added. The query, for the volatility of each name and
//! number of arguments and for its type where all overloads agree:
//!
//! ```sql
//! with usable as (
//!   select p.* from pg_proc p
//!   where pronamespace = 'pg_catalog'::regnamespace
//!     and prorettype not in ('internal'::regtype, 'cstring'::regtype, 'trigger'::regtype, 'event_trigger'::regtype,
//!       'language_handler'::regtype, 'index_am_handler'::regtype, 'table_am_handler'::regtype, 'tsm_handler'::regtype,
//!       'fdw_handler'::regtype)
//!     and not 'internal'::regtype = any (proargtypes) and not 'cstring'::regtype = any (proargtypes)
//!     and (proname in ('int4range','array_append', 'array_cat', 'array_prepend', 'starts_with', 'overlaps', 'timezone', 'date_add', 'date_subtract','int8range')
//!       or not exists (select from pg_operator o where o.oprcode = p.oid))
//!     and not exists (select from pg_cast c where c.castfunc = p.oid and p.proname !~ '^(date|time|timestamp|timestamptz|interval|text|numeric|money|xml|lower|upper|box|point|circle|polygon|path|lseg|line)$')
//!     and proname !~ '^(bt(?!rim)|hash(?!text)|gin|gist|spg|brin|ri_|RI_|pg_stat_get_|binary_upgrade_|amvalidate|pg_replication|pg_logical|pg_wal|pg_lo_|lo_|loread|lowrite|pg_ls_|pg_read_|pg_control|pg_backup|pg_start_backup|pg_stop_backup|int[248][a-qs-z_]|int2|float[48][a-z_]|numeric_|inet(and|or|mi|not|pl)|array_(eq|ne|lt|gt|le|ge)|dsimple|dispell|dsynonym|thesaurus|prsd|anytext|_pg_)'
//!     and proname !~ '(_cmp|sel|sel[12]|joinsel|_recv|_send|recv|send|sortsupport|typmodin|typmodout|_accum|_accum_inv|_combine|_serialize|_deserialize|_support|_transfn|_trans|_finalfn|_larger|_smaller|larger|smaller|_in|_out|_in_range|_hash|_hash_extended|_subdiff|_canonical|_image|_skipsupport)$'
//! )
//! select proname, string_agg(distinct provolatile::text, ''), string_agg(distinct pronargs || ':' || provolatile, ','),
//!        string_agg(distinct prorettype::regtype::text, ',')
//! from usable group by 1 order by proname collate "C"
//! ```

use super::Volatility;
use crate::types::Type;

/// Functions that depend on nothing but their arguments.
#[rustfmt::skip]
const IMMUTABLE: &[&str] = &[
    "abbrev", "abs", "acldefault", "acos", "acosd", "acosh", "any_value", "area", "array_agg", "array_append",
    "array_cat", "array_dims", "array_fill", "array_lower", "array_ndims", "array_position", "array_positions",
    "array_prepend", "array_remove", "array_replace", "array_reverse", "array_sort", "array_to_tsvector",
    "array_upper", "ascii", "asin", "asind", "asinh", "atan", "atan2", "atan2d", "atand", "atanh", "avg",
    "bit_and", "bit_count", "bit_length", "bit_or", "bit_xor", "bitcmp", "bool_and", "bool_or",
    "booland_statefunc", "boolor_statefunc", "bound_box", "box", "bpcharcmp", "broadcast", "btrim", "byteacmp",
    "cardinality", "casefold", "cash_words", "cbrt", "ceil", "ceiling", "center", "char_length",
    "character_length", "chr", "circle", "corr", "cos", "cosd", "cosh", "cot", "cotd", "count", "covar_pop",
    "covar_samp", "crc32", "crc32c", "cume_dist", "date_bin", "date_cmp_timestamp", "datemultirange",
    "daterange", "decode", "degrees", "dense_rank", "dexp", "diagonal", "diameter", "div", "dlog1", "dlog10",
    "dround", "dtrunc", "encode", "erf", "erfc", "every", "exp", "factorial", "family", "first_value", "floor",
    "gamma", "gcd", "generate_subscripts", "get_bit", "get_byte", "hashtext", "hashtextextended", "height",
    "host", "hostmask", "inet_merge", "inet_same_family", "initcap", "int4range", "int8range", "interval",
    "interval_avg", "is_normalized", "isclosed", "isempty", "isfinite", "ishorizontal", "isopen", "isparallel",
    "isperp", "isvertical", "json_array_elements", "json_array_elements_text", "json_array_length", "json_each",
    "json_each_text", "json_object", "json_object_keys", "json_scalar", "json_strip_nulls", "json_typeof",
    "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_array_length", "jsonb_each", "jsonb_each_text",
    "jsonb_insert", "jsonb_object", "jsonb_object_agg", "jsonb_object_keys", "jsonb_path_exists",
    "jsonb_path_match", "jsonb_path_query", "jsonb_path_query_array", "jsonb_path_query_first", "jsonb_pretty",
    "jsonb_set", "jsonb_set_lax", "jsonb_strip_nulls", "jsonb_typeof", "justify_days", "justify_hours",
    "justify_interval", "lag", "last_value", "lcm", "lead", "left", "lgamma", "like", "like_escape", "line",
    "ln", "log", "log10", "lower", "lower_inc", "lower_inf", "lpad", "lseg", "ltrim", "macaddr8_set7bit",
    "make_date", "make_interval", "make_time", "make_timestamp", "makeaclitem", "masklen", "max", "md5", "min",
    "min_scale", "mod", "mode", "multirange", "nameconcatoid", "netmask", "network", "normalize", "notlike",
    "npoints", "nth_value", "ntile", "num_nonnulls", "num_nulls", "nummultirange", "numnode", "numrange",
    "octet_length", "overlay", "parse_ident", "path", "pclose", "percent_rank", "percentile_cont",
    "percentile_disc", "pg_encoding_max_length", "pg_indexam_progress_phasename", "pg_lsn", "pg_partition_root",
    "pg_size_bytes", "pg_size_pretty", "pg_snapshot_xip", "pg_snapshot_xmax", "pg_snapshot_xmin",
    "pg_visible_in_snapshot", "pi", "point", "polygon", "popen", "position", "pow", "power", "querytree",
    "quote_ident", "radians", "radius", "range_agg", "range_intersect_agg", "range_merge", "rank",
    "regexp_count", "regexp_instr", "regexp_like", "regexp_match", "regexp_matches", "regexp_replace",
    "regexp_split_to_array", "regexp_split_to_table", "regexp_substr", "regr_avgx", "regr_avgy", "regr_count",
    "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "repeat", "replace",
    "reverse", "right", "round", "row_number", "rpad", "rtrim", "satisfies_hash_partition", "scale", "set_bit",
    "set_byte", "set_masklen", "setweight", "sha224", "sha256", "sha384", "sha512", "sign", "similar_escape",
    "similar_to_escape", "sin", "sind", "sinh", "slope", "split_part", "sqrt", "starts_with", "stddev",
    "stddev_pop", "stddev_samp", "string_agg", "string_to_array", "string_to_table", "strip", "strpos",
    "substr", "substring", "sum", "tan", "tand", "tanh", "text", "textlen", "timestamp_cmp_date", "to_ascii",
    "to_bin", "to_hex", "to_oct", "translate", "trim_array", "trim_scale", "trunc", "ts_delete", "ts_filter",
    "ts_lexize", "ts_rank", "ts_rank_cd", "tsmultirange", "tsquery_phrase", "tsrange", "tstzmultirange",
    "tstzrange", "tsvector_to_array", "txid_snapshot_xip", "txid_snapshot_xmax", "txid_snapshot_xmin",
    "txid_visible_in_snapshot", "unicode_assigned", "unistr", "unnest", "upper", "upper_inc", "upper_inf",
    "uuid_extract_timestamp", "uuid_extract_version", "var_pop", "var_samp", "varbitcmp", "variance", "width",
    "width_bucket", "xid8cmp", "xml_is_well_formed_content", "xml_is_well_formed_document", "xmlagg",
    "xmlcomment", "xmlconcat2", "xmlexists", "xmltext", "xmlvalidate", "xpath", "xpath_exists",
];

/// Functions that stay the same during a statement.
#[rustfmt::skip]
const STABLE: &[&str] = &[
    "aclexplode", "array_to_json", "array_to_string", "col_description", "concat", "concat_ws", "convert",
    "convert_from", "convert_to", "current_database", "current_schema", "current_schemas", "current_setting",
    "current_user", "database_to_xml", "database_to_xml_and_xmlschema", "database_to_xmlschema", "date_add",
    "date_cmp_timestamptz", "date_subtract", "enum_first", "enum_last", "enum_range", "format", "format_type",
    "get_current_ts_config", "getdatabaseencoding", "getpgusername", "has_any_column_privilege",
    "has_column_privilege", "has_database_privilege", "has_foreign_data_wrapper_privilege",
    "has_function_privilege", "has_language_privilege", "has_parameter_privilege", "has_schema_privilege",
    "has_sequence_privilege", "has_server_privilege", "has_table_privilege", "has_tablespace_privilege",
    "has_type_privilege", "inet_client_addr", "inet_client_port", "inet_server_addr", "inet_server_port",
    "json_agg", "json_build_array", "json_build_object", "json_object_agg", "json_populate_record",
    "json_populate_recordset", "json_to_record", "json_to_recordset", "jsonb_agg", "jsonb_build_array",
    "jsonb_build_object", "jsonb_path_exists_tz", "jsonb_path_match_tz", "jsonb_path_query_array_tz",
    "jsonb_path_query_first_tz", "jsonb_path_query_tz", "jsonb_populate_record", "jsonb_populate_recordset",
    "jsonb_to_record", "jsonb_to_recordset", "make_timestamptz", "money", "mxid_age", "now", "obj_description",
    "oidvectortypes", "pg_available_extension_versions", "pg_available_extensions", "pg_backend_pid",
    "pg_basetype", "pg_char_to_encoding", "pg_client_encoding", "pg_collation_for", "pg_collation_is_visible",
    "pg_column_compression", "pg_column_is_updatable", "pg_column_size", "pg_conf_load_time", "pg_config",
    "pg_conversion_is_visible", "pg_current_snapshot", "pg_current_xact_id", "pg_current_xact_id_if_assigned",
    "pg_cursor", "pg_describe_object", "pg_encoding_to_char", "pg_event_trigger_ddl_commands",
    "pg_event_trigger_dropped_objects", "pg_event_trigger_table_rewrite_oid",
    "pg_event_trigger_table_rewrite_reason", "pg_extension_update_paths", "pg_filenode_relation",
    "pg_function_is_visible", "pg_get_acl", "pg_get_catalog_foreign_keys", "pg_get_constraintdef",
    "pg_get_expr", "pg_get_function_arg_default", "pg_get_function_arguments",
    "pg_get_function_identity_arguments", "pg_get_function_result", "pg_get_function_sqlbody",
    "pg_get_functiondef", "pg_get_indexdef", "pg_get_keywords", "pg_get_object_address",
    "pg_get_partition_constraintdef", "pg_get_partkeydef", "pg_get_publication_tables",
    "pg_get_replica_identity_index", "pg_get_replication_slots", "pg_get_ruledef", "pg_get_serial_sequence",
    "pg_get_statisticsobjdef", "pg_get_statisticsobjdef_columns", "pg_get_statisticsobjdef_expressions",
    "pg_get_triggerdef", "pg_get_userbyid", "pg_get_viewdef", "pg_has_role", "pg_identify_object",
    "pg_identify_object_as_address", "pg_index_column_has_property", "pg_index_has_property",
    "pg_indexam_has_property", "pg_is_other_temp_schema", "pg_listening_channels", "pg_mcv_list_items",
    "pg_my_temp_schema", "pg_opclass_is_visible", "pg_operator_is_visible", "pg_opfamily_is_visible",
    "pg_options_to_table", "pg_postmaster_start_time", "pg_prepared_statement", "pg_relation_filenode",
    "pg_relation_filepath", "pg_relation_is_publishable", "pg_relation_is_updatable", "pg_sequence_parameters",
    "pg_settings_get_flags", "pg_show_all_settings", "pg_statistics_obj_is_visible", "pg_table_is_visible",
    "pg_tablespace_databases", "pg_tablespace_location", "pg_timezone_abbrevs", "pg_timezone_names",
    "pg_trigger_depth", "pg_ts_config_is_visible", "pg_ts_dict_is_visible", "pg_ts_parser_is_visible",
    "pg_ts_template_is_visible", "pg_type_is_visible", "pg_typeof", "row_security_active", "row_to_json",
    "schema_to_xml", "schema_to_xml_and_xmlschema", "schema_to_xmlschema", "session_user", "shobj_description",
    "statement_timestamp", "table_to_xml", "table_to_xml_and_xmlschema", "table_to_xmlschema",
    "timestamp_cmp_timestamptz", "timestamptz_cmp_date", "timestamptz_cmp_timestamp", "to_char", "to_date",
    "to_json", "to_jsonb", "to_number", "to_regclass", "to_regcollation", "to_regnamespace", "to_regoper",
    "to_regoperator", "to_regproc", "to_regprocedure", "to_regrole", "to_regtype", "to_regtypemod",
    "transaction_timestamp", "ts_debug", "txid_current", "txid_current_if_assigned", "txid_current_snapshot",
    "version", "xml", "xml_is_well_formed",
];

/// Functions that may differ at each call.
#[rustfmt::skip]
const VOLATILE: &[&str] = &[
    "array_sample", "array_shuffle", "clock_timestamp", "current_query", "currval", "cursor_to_xml",
    "cursor_to_xmlschema", "gen_random_uuid", "lastval", "nextval", "pg_advisory_lock",
    "pg_advisory_lock_shared", "pg_advisory_unlock", "pg_advisory_unlock_all", "pg_advisory_unlock_shared",
    "pg_advisory_xact_lock", "pg_advisory_xact_lock_shared", "pg_blocking_pids", "pg_cancel_backend",
    "pg_collation_actual_version", "pg_copy_logical_replication_slot", "pg_copy_physical_replication_slot",
    "pg_create_logical_replication_slot", "pg_create_physical_replication_slot", "pg_create_restore_point",
    "pg_current_logfile", "pg_current_wal_flush_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_lsn",
    "pg_database_collation_actual_version", "pg_database_size", "pg_drop_replication_slot",
    "pg_export_snapshot", "pg_extension_config_dump", "pg_get_backend_memory_contexts",
    "pg_get_multixact_members", "pg_get_shmem_allocations", "pg_get_wal_replay_pause_state",
    "pg_get_wal_resource_managers", "pg_hba_file_rules", "pg_ident_file_mappings",
    "pg_import_system_collations", "pg_indexes_size", "pg_is_in_recovery", "pg_is_wal_replay_paused",
    "pg_isolation_test_session_is_blocked", "pg_jit_available", "pg_last_committed_xact",
    "pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn", "pg_last_xact_replay_timestamp", "pg_lock_status",
    "pg_log_backend_memory_contexts", "pg_nextoid", "pg_notification_queue_usage", "pg_notify",
    "pg_partition_ancestors", "pg_partition_tree", "pg_prepared_xact", "pg_promote", "pg_relation_size",
    "pg_reload_conf", "pg_rotate_logfile", "pg_rotate_logfile_old", "pg_safe_snapshot_blocking_pids",
    "pg_sequence_last_value", "pg_show_all_file_settings", "pg_show_replication_origin_status", "pg_sleep",
    "pg_sleep_for", "pg_sleep_until", "pg_stat_clear_snapshot", "pg_stat_file", "pg_stat_force_next_flush",
    "pg_stat_have_stats", "pg_stat_reset", "pg_stat_reset_replication_slot", "pg_stat_reset_shared",
    "pg_stat_reset_single_function_counters", "pg_stat_reset_single_table_counters", "pg_stat_reset_slru",
    "pg_stat_reset_subscription_stats", "pg_stop_making_pinned_objects", "pg_switch_wal", "pg_table_size",
    "pg_tablespace_size", "pg_terminate_backend", "pg_total_relation_size", "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared", "pg_try_advisory_xact_lock", "pg_try_advisory_xact_lock_shared",
    "pg_xact_commit_timestamp", "pg_xact_commit_timestamp_origin", "pg_xact_status", "query_to_xml",
    "query_to_xml_and_xmlschema", "query_to_xmlschema", "random", "random_normal", "set_config", "setseed",
    "setval", "timeofday", "ts_stat", "txid_status", "uuidv4", "uuidv7",
];

/// Functions whose overloads differ, by the number of arguments; `Unknown` where the types decide.
#[rustfmt::skip]
const MIXED: &[(&str, usize, Volatility)] = &[
    ("age", 1, Volatility::Stable), ("age", 2, Volatility::Immutable), ("date", 1, Volatility::Unknown),
    ("date_part", 2, Volatility::Unknown), ("date_trunc", 2, Volatility::Unknown),
    ("date_trunc", 3, Volatility::Stable), ("extract", 2, Volatility::Unknown),
    ("generate_series", 2, Volatility::Immutable), ("generate_series", 3, Volatility::Unknown),
    ("in_range", 5, Volatility::Unknown), ("json_to_tsvector", 2, Volatility::Stable),
    ("json_to_tsvector", 3, Volatility::Immutable), ("jsonb_to_tsvector", 2, Volatility::Stable),
    ("jsonb_to_tsvector", 3, Volatility::Immutable), ("length", 1, Volatility::Immutable),
    ("length", 2, Volatility::Stable), ("numeric", 1, Volatility::Unknown),
    ("numeric", 2, Volatility::Immutable), ("overlaps", 4, Volatility::Unknown),
    ("phraseto_tsquery", 1, Volatility::Stable), ("phraseto_tsquery", 2, Volatility::Immutable),
    ("plainto_tsquery", 1, Volatility::Stable), ("plainto_tsquery", 2, Volatility::Immutable),
    ("quote_literal", 1, Volatility::Unknown), ("quote_nullable", 1, Volatility::Unknown),
    ("time", 1, Volatility::Unknown), ("time", 2, Volatility::Immutable), ("timestamp", 1, Volatility::Unknown),
    ("timestamp", 2, Volatility::Immutable), ("timestamptz", 1, Volatility::Stable),
    ("timestamptz", 2, Volatility::Unknown), ("timezone", 2, Volatility::Unknown),
    ("to_timestamp", 1, Volatility::Immutable), ("to_timestamp", 2, Volatility::Stable),
    ("to_tsquery", 1, Volatility::Stable), ("to_tsquery", 2, Volatility::Immutable),
    ("to_tsvector", 1, Volatility::Stable), ("to_tsvector", 2, Volatility::Immutable),
    ("ts_headline", 2, Volatility::Stable), ("ts_headline", 3, Volatility::Unknown),
    ("ts_headline", 4, Volatility::Immutable), ("ts_parse", 2, Volatility::Unknown),
    ("ts_rewrite", 2, Volatility::Volatile), ("ts_rewrite", 3, Volatility::Immutable),
    ("ts_token_type", 1, Volatility::Unknown), ("websearch_to_tsquery", 1, Volatility::Stable),
    ("websearch_to_tsquery", 2, Volatility::Immutable),
];

/// The types of the results, where all overloads agree and none returns a set.
#[rustfmt::skip]
const RETURN_TYPES: &[(&str, &str)] = &[
    ("abbrev", "text"), ("acldefault", "aclitem[]"), ("acos", "double precision"),
    ("acosd", "double precision"), ("acosh", "double precision"), ("area", "double precision"),
    ("array_dims", "text"), ("array_lower", "integer"), ("array_ndims", "integer"),
    ("array_position", "integer"), ("array_positions", "integer[]"), ("array_to_json", "json"),
    ("array_to_string", "text"), ("array_to_tsvector", "tsvector"), ("array_upper", "integer"),
    ("ascii", "integer"), ("asin", "double precision"), ("asind", "double precision"),
    ("asinh", "double precision"), ("atan", "double precision"), ("atan2", "double precision"),
    ("atan2d", "double precision"), ("atand", "double precision"), ("atanh", "double precision"),
    ("bit_count", "bigint"), ("bit_length", "integer"), ("bitcmp", "integer"), ("bool_and", "boolean"),
    ("bool_or", "boolean"), ("booland_statefunc", "boolean"), ("boolor_statefunc", "boolean"),
    ("bound_box", "box"), ("box", "box"), ("bpcharcmp", "integer"), ("broadcast", "inet"),
    ("byteacmp", "integer"), ("cardinality", "integer"), ("casefold", "text"), ("cash_words", "text"),
    ("cbrt", "double precision"), ("center", "point"), ("char_length", "integer"),
    ("character_length", "integer"), ("chr", "text"), ("circle", "circle"),
    ("clock_timestamp", "timestamp with time zone"), ("col_description", "text"), ("concat", "text"),
    ("concat_ws", "text"), ("convert", "bytea"), ("convert_from", "text"), ("convert_to", "bytea"),
    ("corr", "double precision"), ("cos", "double precision"), ("cosd", "double precision"),
    ("cosh", "double precision"), ("cot", "double precision"), ("cotd", "double precision"),
    ("count", "bigint"), ("covar_pop", "double precision"), ("covar_samp", "double precision"),
    ("crc32", "bigint"), ("crc32c", "bigint"), ("cume_dist", "double precision"), ("current_database", "name"),
    ("current_query", "text"), ("current_schema", "name"), ("current_schemas", "name[]"),
    ("current_setting", "text"), ("current_user", "name"), ("currval", "bigint"), ("cursor_to_xml", "xml"),
    ("cursor_to_xmlschema", "xml"), ("database_to_xml", "xml"), ("database_to_xml_and_xmlschema", "xml"),
    ("database_to_xmlschema", "xml"), ("date", "date"), ("date_add", "timestamp with time zone"),
    ("date_cmp_timestamp", "integer"), ("date_cmp_timestamptz", "integer"), ("date_part", "double precision"),
    ("date_subtract", "timestamp with time zone"), ("datemultirange", "datemultirange"),
    ("daterange", "daterange"), ("decode", "bytea"), ("degrees", "double precision"), ("dense_rank", "bigint"),
    ("dexp", "double precision"), ("diagonal", "lseg"), ("diameter", "double precision"), ("div", "numeric"),
    ("dlog1", "double precision"), ("dlog10", "double precision"), ("dround", "double precision"),
    ("dtrunc", "double precision"), ("encode", "text"), ("erf", "double precision"),
    ("erfc", "double precision"), ("every", "boolean"), ("extract", "numeric"), ("factorial", "numeric"),
    ("family", "integer"), ("format", "text"), ("format_type", "text"), ("gen_random_uuid", "uuid"),
    ("get_bit", "integer"), ("get_byte", "integer"), ("get_current_ts_config", "regconfig"),
    ("getdatabaseencoding", "name"), ("getpgusername", "name"), ("has_any_column_privilege", "boolean"),
    ("has_column_privilege", "boolean"), ("has_database_privilege", "boolean"),
    ("has_foreign_data_wrapper_privilege", "boolean"), ("has_function_privilege", "boolean"),
    ("has_language_privilege", "boolean"), ("has_parameter_privilege", "boolean"),
    ("has_schema_privilege", "boolean"), ("has_sequence_privilege", "boolean"),
    ("has_server_privilege", "boolean"), ("has_table_privilege", "boolean"),
    ("has_tablespace_privilege", "boolean"), ("has_type_privilege", "boolean"), ("hashtext", "integer"),
    ("hashtextextended", "bigint"), ("height", "double precision"), ("host", "text"), ("hostmask", "inet"),
    ("in_range", "boolean"), ("inet_client_addr", "inet"), ("inet_client_port", "integer"),
    ("inet_merge", "cidr"), ("inet_same_family", "boolean"), ("inet_server_addr", "inet"),
    ("inet_server_port", "integer"), ("initcap", "text"), ("int4range", "int4range"),
    ("int8range", "int8range"), ("interval", "interval"), ("interval_avg", "interval"),
    ("is_normalized", "boolean"), ("isclosed", "boolean"), ("isempty", "boolean"), ("isfinite", "boolean"),
    ("ishorizontal", "boolean"), ("isopen", "boolean"), ("isparallel", "boolean"), ("isperp", "boolean"),
    ("isvertical", "boolean"), ("json_agg", "json"), ("json_array_length", "integer"),
    ("json_build_array", "json"), ("json_build_object", "json"), ("json_object", "json"),
    ("json_object_agg", "json"), ("json_strip_nulls", "json"), ("json_to_tsvector", "tsvector"),
    ("json_typeof", "text"), ("jsonb_agg", "jsonb"), ("jsonb_array_length", "integer"),
    ("jsonb_build_array", "jsonb"), ("jsonb_build_object", "jsonb"), ("jsonb_insert", "jsonb"),
    ("jsonb_object", "jsonb"), ("jsonb_object_agg", "jsonb"), ("jsonb_path_exists", "boolean"),
    ("jsonb_path_exists_tz", "boolean"), ("jsonb_path_match", "boolean"), ("jsonb_path_match_tz", "boolean"),
    ("jsonb_path_query_array", "jsonb"), ("jsonb_path_query_array_tz", "jsonb"),
    ("jsonb_path_query_first", "jsonb"), ("jsonb_path_query_first_tz", "jsonb"), ("jsonb_pretty", "text"),
    ("jsonb_set", "jsonb"), ("jsonb_set_lax", "jsonb"), ("jsonb_strip_nulls", "jsonb"),
    ("jsonb_to_tsvector", "tsvector"), ("jsonb_typeof", "text"), ("justify_days", "interval"),
    ("justify_hours", "interval"), ("justify_interval", "interval"), ("lastval", "bigint"), ("left", "text"),
    ("like", "boolean"), ("line", "line"), ("lower_inc", "boolean"), ("lower_inf", "boolean"), ("lpad", "text"),
    ("lseg", "lseg"), ("macaddr8_set7bit", "macaddr8"), ("make_date", "date"), ("make_interval", "interval"),
    ("make_time", "time without time zone"), ("make_timestamp", "timestamp without time zone"),
    ("make_timestamptz", "timestamp with time zone"), ("makeaclitem", "aclitem"), ("masklen", "integer"),
    ("md5", "text"), ("min_scale", "integer"), ("money", "money"), ("mxid_age", "integer"),
    ("nameconcatoid", "name"), ("netmask", "inet"), ("network", "cidr"), ("nextval", "bigint"),
    ("normalize", "text"), ("notlike", "boolean"), ("now", "timestamp with time zone"), ("npoints", "integer"),
    ("ntile", "integer"), ("num_nonnulls", "integer"), ("num_nulls", "integer"), ("numeric", "numeric"),
    ("nummultirange", "nummultirange"), ("numnode", "integer"), ("numrange", "numrange"),
    ("obj_description", "text"), ("octet_length", "integer"), ("oidvectortypes", "text"),
    ("overlaps", "boolean"), ("parse_ident", "text[]"), ("path", "path"), ("pclose", "path"),
    ("percent_rank", "double precision"), ("pg_advisory_unlock", "boolean"),
    ("pg_advisory_unlock_shared", "boolean"), ("pg_backend_pid", "integer"), ("pg_blocking_pids", "integer[]"),
    ("pg_cancel_backend", "boolean"), ("pg_char_to_encoding", "integer"), ("pg_client_encoding", "name"),
    ("pg_collation_actual_version", "text"), ("pg_collation_for", "text"),
    ("pg_collation_is_visible", "boolean"), ("pg_column_compression", "text"),
    ("pg_column_is_updatable", "boolean"), ("pg_column_size", "integer"),
    ("pg_conf_load_time", "timestamp with time zone"), ("pg_conversion_is_visible", "boolean"),
    ("pg_create_restore_point", "pg_lsn"), ("pg_current_logfile", "text"),
    ("pg_current_snapshot", "pg_snapshot"), ("pg_current_wal_flush_lsn", "pg_lsn"),
    ("pg_current_wal_insert_lsn", "pg_lsn"), ("pg_current_wal_lsn", "pg_lsn"), ("pg_current_xact_id", "xid8"),
    ("pg_current_xact_id_if_assigned", "xid8"), ("pg_database_collation_actual_version", "text"),
    ("pg_database_size", "bigint"), ("pg_describe_object", "text"), ("pg_encoding_max_length", "integer"),
    ("pg_encoding_to_char", "name"), ("pg_event_trigger_table_rewrite_oid", "oid"),
    ("pg_event_trigger_table_rewrite_reason", "integer"), ("pg_export_snapshot", "text"),
    ("pg_filenode_relation", "regclass"), ("pg_function_is_visible", "boolean"),
    ("pg_get_constraintdef", "text"), ("pg_get_expr", "text"), ("pg_get_function_arg_default", "text"),
    ("pg_get_function_arguments", "text"), ("pg_get_function_identity_arguments", "text"),
    ("pg_get_function_result", "text"), ("pg_get_function_sqlbody", "text"), ("pg_get_functiondef", "text"),
    ("pg_get_indexdef", "text"), ("pg_get_partition_constraintdef", "text"), ("pg_get_partkeydef", "text"),
    ("pg_get_replica_identity_index", "regclass"), ("pg_get_ruledef", "text"),
    ("pg_get_serial_sequence", "text"), ("pg_get_statisticsobjdef", "text"),
    ("pg_get_statisticsobjdef_columns", "text"), ("pg_get_statisticsobjdef_expressions", "text[]"),
    ("pg_get_triggerdef", "text"), ("pg_get_userbyid", "name"), ("pg_get_viewdef", "text"),
    ("pg_get_wal_replay_pause_state", "text"), ("pg_has_role", "boolean"),
    ("pg_import_system_collations", "integer"), ("pg_index_column_has_property", "boolean"),
    ("pg_index_has_property", "boolean"), ("pg_indexam_has_property", "boolean"),
    ("pg_indexam_progress_phasename", "text"), ("pg_indexes_size", "bigint"), ("pg_is_in_recovery", "boolean"),
    ("pg_is_other_temp_schema", "boolean"), ("pg_is_wal_replay_paused", "boolean"),
    ("pg_isolation_test_session_is_blocked", "boolean"), ("pg_jit_available", "boolean"),
    ("pg_last_wal_receive_lsn", "pg_lsn"), ("pg_last_wal_replay_lsn", "pg_lsn"),
    ("pg_last_xact_replay_timestamp", "timestamp with time zone"),
    ("pg_log_backend_memory_contexts", "boolean"), ("pg_lsn", "pg_lsn"), ("pg_my_temp_schema", "oid"),
    ("pg_nextoid", "oid"), ("pg_notification_queue_usage", "double precision"),
    ("pg_opclass_is_visible", "boolean"), ("pg_operator_is_visible", "boolean"),
    ("pg_opfamily_is_visible", "boolean"), ("pg_partition_root", "regclass"),
    ("pg_postmaster_start_time", "timestamp with time zone"), ("pg_promote", "boolean"),
    ("pg_relation_filenode", "oid"), ("pg_relation_filepath", "text"),
    ("pg_relation_is_publishable", "boolean"), ("pg_relation_is_updatable", "integer"),
    ("pg_relation_size", "bigint"), ("pg_reload_conf", "boolean"), ("pg_rotate_logfile", "boolean"),
    ("pg_rotate_logfile_old", "boolean"), ("pg_safe_snapshot_blocking_pids", "integer[]"),
    ("pg_sequence_last_value", "bigint"), ("pg_settings_get_flags", "text[]"), ("pg_size_bytes", "bigint"),
    ("pg_size_pretty", "text"), ("pg_snapshot_xmax", "xid8"), ("pg_snapshot_xmin", "xid8"),
    ("pg_stat_have_stats", "boolean"), ("pg_statistics_obj_is_visible", "boolean"), ("pg_switch_wal", "pg_lsn"),
    ("pg_table_is_visible", "boolean"), ("pg_table_size", "bigint"), ("pg_tablespace_location", "text"),
    ("pg_tablespace_size", "bigint"), ("pg_terminate_backend", "boolean"), ("pg_total_relation_size", "bigint"),
    ("pg_trigger_depth", "integer"), ("pg_try_advisory_lock", "boolean"),
    ("pg_try_advisory_lock_shared", "boolean"), ("pg_try_advisory_xact_lock", "boolean"),
    ("pg_try_advisory_xact_lock_shared", "boolean"), ("pg_ts_config_is_visible", "boolean"),
    ("pg_ts_dict_is_visible", "boolean"), ("pg_ts_parser_is_visible", "boolean"),
    ("pg_ts_template_is_visible", "boolean"), ("pg_type_is_visible", "boolean"), ("pg_typeof", "regtype"),
    ("pg_visible_in_snapshot", "boolean"), ("pg_xact_commit_timestamp", "timestamp with time zone"),
    ("pg_xact_status", "text"), ("phraseto_tsquery", "tsquery"), ("pi", "double precision"),
    ("plainto_tsquery", "tsquery"), ("point", "point"), ("polygon", "polygon"), ("popen", "path"),
    ("position", "integer"), ("query_to_xml", "xml"), ("query_to_xml_and_xmlschema", "xml"),
    ("query_to_xmlschema", "xml"), ("querytree", "text"), ("quote_ident", "text"), ("quote_literal", "text"),
    ("quote_nullable", "text"), ("radians", "double precision"), ("radius", "double precision"),
    ("random", "double precision"), ("random_normal", "double precision"), ("rank", "bigint"),
    ("regexp_count", "integer"), ("regexp_instr", "integer"), ("regexp_like", "boolean"),
    ("regexp_match", "text[]"), ("regexp_replace", "text"), ("regexp_split_to_array", "text[]"),
    ("regexp_substr", "text"), ("regr_avgx", "double precision"), ("regr_avgy", "double precision"),
    ("regr_count", "bigint"), ("regr_intercept", "double precision"), ("regr_r2", "double precision"),
    ("regr_slope", "double precision"), ("regr_sxx", "double precision"), ("regr_sxy", "double precision"),
    ("regr_syy", "double precision"), ("repeat", "text"), ("replace", "text"), ("reverse", "text"),
    ("right", "text"), ("row_number", "bigint"), ("row_security_active", "boolean"), ("row_to_json", "json"),
    ("rpad", "text"), ("satisfies_hash_partition", "boolean"), ("scale", "integer"), ("schema_to_xml", "xml"),
    ("schema_to_xml_and_xmlschema", "xml"), ("schema_to_xmlschema", "xml"), ("session_user", "name"),
    ("set_byte", "bytea"), ("set_config", "text"), ("setval", "bigint"), ("setweight", "tsvector"),
    ("sha224", "bytea"), ("sha256", "bytea"), ("sha384", "bytea"), ("sha512", "bytea"),
    ("shobj_description", "text"), ("similar_escape", "text"), ("similar_to_escape", "text"),
    ("sin", "double precision"), ("sind", "double precision"), ("sinh", "double precision"),
    ("slope", "double precision"), ("split_part", "text"), ("starts_with", "boolean"),
    ("statement_timestamp", "timestamp with time zone"), ("string_to_array", "text[]"), ("strip", "tsvector"),
    ("strpos", "integer"), ("table_to_xml", "xml"), ("table_to_xml_and_xmlschema", "xml"),
    ("table_to_xmlschema", "xml"), ("tan", "double precision"), ("tand", "double precision"),
    ("tanh", "double precision"), ("text", "text"), ("textlen", "integer"), ("time", "time without time zone"),
    ("timeofday", "text"), ("timestamp", "timestamp without time zone"), ("timestamp_cmp_date", "integer"),
    ("timestamp_cmp_timestamptz", "integer"), ("timestamptz", "timestamp with time zone"),
    ("timestamptz_cmp_date", "integer"), ("timestamptz_cmp_timestamp", "integer"), ("to_ascii", "text"),
    ("to_bin", "text"), ("to_char", "text"), ("to_date", "date"), ("to_hex", "text"), ("to_json", "json"),
    ("to_jsonb", "jsonb"), ("to_number", "numeric"), ("to_oct", "text"), ("to_regclass", "regclass"),
    ("to_regcollation", "regcollation"), ("to_regnamespace", "regnamespace"), ("to_regoper", "regoper"),
    ("to_regoperator", "regoperator"), ("to_regproc", "regproc"), ("to_regprocedure", "regprocedure"),
    ("to_regrole", "regrole"), ("to_regtype", "regtype"), ("to_timestamp", "timestamp with time zone"),
    ("to_tsquery", "tsquery"), ("to_tsvector", "tsvector"),
    ("transaction_timestamp", "timestamp with time zone"), ("translate", "text"), ("trim_scale", "numeric"),
    ("ts_delete", "tsvector"), ("ts_filter", "tsvector"), ("ts_lexize", "text[]"), ("ts_rank", "real"),
    ("ts_rank_cd", "real"), ("ts_rewrite", "tsquery"), ("tsmultirange", "tsmultirange"),
    ("tsquery_phrase", "tsquery"), ("tsrange", "tsrange"), ("tstzmultirange", "tstzmultirange"),
    ("tstzrange", "tstzrange"), ("tsvector_to_array", "text[]"), ("txid_current", "bigint"),
    ("txid_current_if_assigned", "bigint"), ("txid_current_snapshot", "txid_snapshot"),
    ("txid_snapshot_xmax", "bigint"), ("txid_snapshot_xmin", "bigint"), ("txid_status", "text"),
    ("txid_visible_in_snapshot", "boolean"), ("unicode_assigned", "boolean"), ("unistr", "text"),
    ("upper_inc", "boolean"), ("upper_inf", "boolean"), ("uuid_extract_timestamp", "timestamp with time zone"),
    ("uuid_extract_version", "smallint"), ("uuidv4", "uuid"), ("uuidv7", "uuid"), ("varbitcmp", "integer"),
    ("version", "text"), ("websearch_to_tsquery", "tsquery"), ("width", "double precision"),
    ("width_bucket", "integer"), ("xid8cmp", "integer"), ("xml", "xml"), ("xml_is_well_formed", "boolean"),
    ("xml_is_well_formed_content", "boolean"), ("xml_is_well_formed_document", "boolean"), ("xmlagg", "xml"),
    ("xmlcomment", "xml"), ("xmlconcat2", "xml"), ("xmlexists", "boolean"), ("xmltext", "xml"),
    ("xmlvalidate", "boolean"), ("xpath", "xml[]"), ("xpath_exists", "boolean"),
];

/// What is called as a function and gives one of its arguments.
pub(super) const CHOICES: &[&str] = &["coalesce", "greatest", "least", "nullif"];

/// Whether PostgreSQL has a function of this name.
pub(super) fn is_built_in(name: &str) -> bool {
    [IMMUTABLE, STABLE, VOLATILE].iter().any(|list| list.binary_search(&name).is_ok())
        || MIXED.binary_search_by(|(function, ..)| (*function).cmp(name)).is_ok()
        || CHOICES.contains(&name)
}

/// Functions that convert to the type of their name: they are rarely called by it.
const CONVERSIONS: &[&str] = &[
    "bit",
    "bool",
    "bpchar",
    "char",
    "cidr",
    "float4",
    "float8",
    "inet",
    "int2",
    "int4",
    "int8",
    "int8multirange",
    "int4multirange",
    "jsonb",
    "macaddr",
    "macaddr8",
    "multirange",
    "name",
    "oid",
    "regclass",
    "timetz",
    "varbit",
    "varchar",
];

/// Whether PostgreSQL has a function of this name; what begins with `pg_` is its own.
pub fn is_system_function(name: &str) -> bool {
    is_built_in(name) || name.starts_with("pg_") || CONVERSIONS.contains(&name)
}

/// The volatility of a built-in function; `Unknown` for any other function, and where the types decide.
pub(super) fn function_volatility(name: &str, arguments: usize) -> Volatility {
    for (list, volatility) in
        [(IMMUTABLE, Volatility::Immutable), (STABLE, Volatility::Stable), (VOLATILE, Volatility::Volatile)]
    {
        if list.binary_search(&name).is_ok() {
            return volatility;
        }
    }
    if CHOICES.contains(&name) {
        return Volatility::Immutable;
    }
    MIXED
        .binary_search_by(|(function, count, _)| (*function, *count).cmp(&(name, arguments)))
        .ok()
        .and_then(|index| MIXED.get(index))
        .map_or(Volatility::Unknown, |(.., volatility)| *volatility)
}

/// The type that a built-in function returns, where its name alone tells it.
pub fn return_type(name: &str) -> Option<Type> {
    let index = RETURN_TYPES.binary_search_by(|(function, _)| (*function).cmp(name)).ok()?;
    RETURN_TYPES.get(index)?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_disjoint() {
        for list in [IMMUTABLE, STABLE, VOLATILE] {
            assert!(list.is_sorted_by(|one, two| one < two));
        }
        assert!(MIXED.is_sorted_by(|one, two| (one.0, one.1) < (two.0, two.1)));
        assert!(RETURN_TYPES.is_sorted_by(|one, two| one.0 < two.0));
        assert!(STABLE.iter().all(|name| IMMUTABLE.binary_search(name).is_err()));
        assert!(VOLATILE.iter().all(|name| STABLE.binary_search(name).is_err()));
    }

    #[test]
    fn every_return_type_is_a_built_in_type() {
        for (name, text) in RETURN_TYPES {
            assert!(text.parse::<Type>().is_ok_and(|type_| type_.depends_on().is_none()), "{name}: {text}");
        }
    }

    #[test]
    fn overloads_are_told_apart_by_the_number_of_arguments() {
        assert_eq!(function_volatility("to_tsvector", 1), Volatility::Stable);
        assert_eq!(function_volatility("to_tsvector", 2), Volatility::Immutable);
        assert_eq!(function_volatility("date_trunc", 2), Volatility::Unknown);
        assert_eq!(return_type("gen_random_uuid"), Some(Type::UUID));
        assert_eq!(return_type("lower"), None);
    }
}
