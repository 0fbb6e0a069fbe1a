insert into authors (id, name, mail) values (1, 'Ann', 'a@b.c');
insert into sections (id, path, title) values (1, 'top.news', 'News');
insert into articles (id, slug, section_id, author_id, title, body) values (1, 'first', 1, 1, 'First', 'Hello');
insert into tags (id, name) values (1, 'rust');
insert into comments (id, article_id, name, body) values (1, 1, 'Bob', 'x');
alter table articles alter id restart with 100;
alter table authors alter id restart with 100;
alter table comments alter id restart with 100;
