use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_pk_auto, text_uniq};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let users = Table::create().table("users").col(big_pk_auto("id")).col(text_uniq("email")).take();
        manager.create_table(users).await?;
        let first =
            Query::insert().into_table("users").columns(["email"]).values_panic(["o'brien@example.org".into()]).take();
        manager.execute(first).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("users").take()).await
    }
}
