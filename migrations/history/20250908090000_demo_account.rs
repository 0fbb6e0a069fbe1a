migrate_runtime::migration! {
    // The account that sales show to partners. Its lists are long enough to have pages.
    insert into users (email, full_name, provider, preferences) values
        (
            "demo@pathavana.example",
            "Mira Demo",
            google,
            { "language": "en", "currency": "EUR", "demo": true }
        );

    run crate::steps::fill_demo_account down {
        run crate::steps::empty_demo_account irreversible "it is itself a way back";
    }
}
