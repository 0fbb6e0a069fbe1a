insert into app.tenants (id, name) values ('00000000-0000-0000-0000-000000000001', 'T');
insert into app.users (tenant_id, handle, mail, password) values ('00000000-0000-0000-0000-000000000001', 'ann', 'a@b.c', 'x');
insert into app.channels (tenant_id, name) values ('00000000-0000-0000-0000-000000000001', 'general');
insert into app.messages (channel_id, author_id, body) values (1, 1, 'hello');
