migration "0001_constraints" {
    create table users {
        id: uuid = gen_random_uuid() primary key,
        /// Lower case.
        email: text unique check (email = lower(email)),
        age: int? check (age between 0 and 150),
        plan: text = "free" check (plan in ("free", "pro")),
        parent_id: uuid? references users on delete set null,
        constraint users_age_plan check (age > 17 or plan <> "pro"),
        /// One address for each plan.
        constraint one_plan unique (email, plan) include (age),
    }
    create table tenants { a: int, b: text, name: varchar(40), primary key (a, b), unique (name) deferrable initially deferred }
    create table members {
        user_id: uuid references users on delete cascade on update cascade,
        tenant_a: int,
        tenant_b: text,
        invited_by: uuid? references users (id) on delete restrict deferrable initially deferred,
        backup: uuid = gen_random_uuid() references users on delete set default,
        primary key (user_id, tenant_a, tenant_b),
        foreign key (tenant_a, tenant_b) references tenants (a, b) match full on delete no action,
    }
}
