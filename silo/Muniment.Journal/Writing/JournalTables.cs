using Muniment.Journal.Storage;

namespace Muniment.Journal.Writing;

/// <summary>The journal's own tables. Large byte strings stand last in their row, so that the small columns are read without them.</summary>
internal static class JournalTables
{
    public static TableOwner Owner { get; } = new("journal", [new Migration(1, First)]);

    private const string First = """
        CREATE TABLE tenant_log(
          tenant TEXT NOT NULL PRIMARY KEY,
          tenant_no BIGINT NOT NULL UNIQUE,
          epoch BIGINT NOT NULL,
          size BIGINT NOT NULL,
          sealed_size BIGINT NOT NULL,
          index_version BIGINT NOT NULL,
          peaks {blob} NOT NULL);
        CREATE TABLE commit_block(
          tenant_no BIGINT NOT NULL,
          first_seq BIGINT NOT NULL,
          last_seq BIGINT NOT NULL,
          min_ns BIGINT NOT NULL,
          max_ns BIGINT NOT NULL,
          received_ns BIGINT NOT NULL,
          root {blob} NOT NULL,
          terms {blob}{external} NOT NULL,
          payload {blob}{external} NOT NULL,
          PRIMARY KEY(tenant_no, first_seq));
        CREATE TABLE sealed_block(
          tenant_no BIGINT NOT NULL,
          first_seq BIGINT NOT NULL,
          last_seq BIGINT NOT NULL,
          min_ns BIGINT NOT NULL,
          max_ns BIGINT NOT NULL,
          received_ns BIGINT NOT NULL,
          peaks {blob} NOT NULL,
          payload {blob}{external} NOT NULL,
          PRIMARY KEY(tenant_no, first_seq));
        CREATE TABLE sealed_terms(
          tenant_no BIGINT NOT NULL,
          first_seq BIGINT NOT NULL,
          terms {blob}{external} NOT NULL,
          PRIMARY KEY(tenant_no, first_seq));
        CREATE TABLE block_bloom(
          tenant_no BIGINT NOT NULL,
          first_seq BIGINT NOT NULL,
          bloom {blob}{external} NOT NULL,
          PRIMARY KEY(tenant_no, first_seq));
        CREATE TABLE index_run(
          tenant_no BIGINT NOT NULL,
          run_no BIGINT NOT NULL,
          level BIGINT NOT NULL,
          first_seq BIGINT NOT NULL,
          last_seq BIGINT NOT NULL,
          blocks BIGINT NOT NULL,
          common {blob} NOT NULL,
          PRIMARY KEY(tenant_no, run_no));
        CREATE TABLE index_page(
          tenant_no BIGINT NOT NULL,
          run_no BIGINT NOT NULL,
          fence BIGINT NOT NULL,
          page {blob}{external} NOT NULL,
          PRIMARY KEY(tenant_no, run_no, fence));
        CREATE TABLE dedup_request(
          tenant_no BIGINT NOT NULL,
          day BIGINT NOT NULL,
          digest {blob} NOT NULL,
          received_ns BIGINT NOT NULL,
          first_seq BIGINT NOT NULL,
          last_seq BIGINT NOT NULL,
          answer {blob} NOT NULL,
          PRIMARY KEY(tenant_no, day, digest)){without_rowid};
        CREATE TABLE dedup_generation(
          tenant_no BIGINT NOT NULL,
          generation BIGINT NOT NULL,
          started_ns BIGINT NOT NULL,
          ids BIGINT NOT NULL,
          PRIMARY KEY(tenant_no, generation));
        CREATE TABLE dedup_id(
          tenant_no BIGINT NOT NULL,
          generation BIGINT NOT NULL,
          id {blob} NOT NULL,
          content BIGINT NOT NULL,
          PRIMARY KEY(tenant_no, generation, id)){without_rowid};
        """;
}
