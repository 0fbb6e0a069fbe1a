use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut user =
            ForeignKey::create().name("trips_user_id_fkey").from("trips", "user_id").to("users", "id").take();
        let trips = Table::create()
            .table("trips")
            .col(big_pk_auto("id"))
            .col(big_integer("user_id"))
            .col(text("title").default("untitled"))
            .foreign_key(&mut user)
            .take();
        manager.create_table(trips).await?;
        let connection = manager.get_connection();
        connection
            .execute_unprepared(
                "CREATE INDEX trips_user_id_idx ON trips (user_id);

                 -- Those that nobody has named yet.
                 CREATE VIEW untitled AS
                     SELECT id FROM trips WHERE title = 'untitled';",
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP VIEW untitled").await?;
        manager.drop_table(Table::drop().table("trips").take()).await
    }
}
