migration "0001_extension" {
    create extension citext;
    create extension "uuid-ossp";
    create table accounts { id: uuid = uuid_generate_v4() primary key, email: citext unique }
}
