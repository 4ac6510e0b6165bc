-- A SQLite database as it was written at revision 0002 (sqlite3's iterdump).
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE bookings (
	booking_id TEXT NOT NULL, 
	slot_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	document TEXT NOT NULL, 
	created_at INTEGER NOT NULL, 
	PRIMARY KEY (booking_id)
);
INSERT INTO "bookings" VALUES('b-1','s-b-1','claimed','{"booking_id":"b-1","interview":{"slot_id":"s-b-1","span":{"start":600,"end":660},"zone":"UTC","organizer":"rita@x.example","subject":"Interview","text":"","guests":[{"address":"ana@x.example","name":"","kind":"required"}],"busy":["ana@x.example"],"online_meeting":false},"state":"claimed","revision":1,"room":{"address":"room@x.example","name":"room@x.example"},"room_state":"none","route":null,"alternatives":[],"refused":[],"invitation":null,"reservation":null,"reservations":0,"told_room":null,"asked_at":null,"reason":""}',1000);
CREATE TABLE calendars (
	mailbox TEXT NOT NULL, 
	name TEXT NOT NULL, 
	calendar_id TEXT NOT NULL, 
	PRIMARY KEY (mailbox, name)
);
INSERT INTO "calendars" VALUES('rita@x.example','Scheduler','c-1');
CREATE TABLE claims (
	claim_id INTEGER NOT NULL, 
	booking_id TEXT NOT NULL, 
	resource TEXT NOT NULL, 
	start_minute INTEGER NOT NULL, 
	end_minute INTEGER NOT NULL, 
	PRIMARY KEY (claim_id), 
	CONSTRAINT claims_have_length CHECK (start_minute < end_minute), 
	FOREIGN KEY(booking_id) REFERENCES bookings (booking_id)
);
INSERT INTO "claims" VALUES(1,'b-1','ana@x.example',600,660);
INSERT INTO "claims" VALUES(2,'b-1','room@x.example',600,660);
CREATE TABLE journal (
	entry_id INTEGER NOT NULL, 
	booking_id TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (entry_id), 
	FOREIGN KEY(booking_id) REFERENCES bookings (booking_id)
);
INSERT INTO "journal" VALUES(1,'b-1',1000,'claimed','');
CREATE TABLE offers (
	slot_id TEXT NOT NULL, 
	document TEXT NOT NULL, 
	found_at INTEGER NOT NULL, 
	PRIMARY KEY (slot_id)
);
INSERT INTO "offers" VALUES('s-b-1','{}',1000);
CREATE TABLE solutions (
	solution_id TEXT NOT NULL, 
	document TEXT NOT NULL, 
	solved_at INTEGER NOT NULL, 
	PRIMARY KEY (solution_id)
);
INSERT INTO "solutions" VALUES('r-1','[]',1000);
CREATE INDEX ix_bookings_slot_id ON bookings (slot_id);
CREATE INDEX ix_claims_booking_id ON claims (booking_id);
CREATE INDEX claims_by_resource ON claims (resource, start_minute, end_minute);
CREATE TRIGGER claims_never_overlap_on_INSERT BEFORE INSERT ON claims
WHEN EXISTS (
    SELECT 1 FROM claims
    WHERE resource = NEW.resource AND claim_id IS NOT NEW.claim_id
      AND start_minute < NEW.end_minute AND NEW.start_minute < end_minute
)
BEGIN SELECT RAISE(ABORT, 'claims overlap'); END;
CREATE TRIGGER claims_never_overlap_on_UPDATE BEFORE UPDATE ON claims
WHEN EXISTS (
    SELECT 1 FROM claims
    WHERE resource = NEW.resource AND claim_id IS NOT NEW.claim_id
      AND start_minute < NEW.end_minute AND NEW.start_minute < end_minute
)
BEGIN SELECT RAISE(ABORT, 'claims overlap'); END;
CREATE INDEX ix_journal_booking_id ON journal (booking_id);
COMMIT;
