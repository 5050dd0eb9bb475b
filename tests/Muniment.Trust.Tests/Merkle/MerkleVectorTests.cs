using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Muniment.Trust.Merkle;

namespace Muniment.Trust.Tests.Merkle;

/// <summary>The proof vectors of transparency-dev/merkle (testdata), named by the environment variable <c>MUNIMENT_VECTORS</c>.</summary>
public sealed class MerkleVectorTests
{
    [SkippableFact]
    public void PublishedProofsAreJudgedAsPublished()
    {
        string? folder = Environment.GetEnvironmentVariable("MUNIMENT_VECTORS");
        string archive = Path.Combine(folder ?? "", "merkle.tar.gz");
        Skip.If(folder is null || !File.Exists(archive), "MUNIMENT_VECTORS names no folder that holds merkle.tar.gz (transparency-dev/merkle testdata)");
        int judged = 0;
        using var unzipped = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        using var tar = new TarReader(unzipped);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || !entry.Name.EndsWith(".json", StringComparison.Ordinal))
            {
                continue;
            }

            using JsonDocument json = JsonDocument.Parse(entry.DataStream);
            JsonElement root = json.RootElement;
            byte[][] proof = root.GetProperty("proof") is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray().Select(Bytes)] : [];
            bool accepted = entry.Name.Contains("/inclusion/", StringComparison.Ordinal)
                ? MerkleProof.VerifyInclusion(Number(root, "leafIdx"), Number(root, "treeSize"), Bytes(root.GetProperty("leafHash")), proof, Bytes(root.GetProperty("root")))
                : MerkleProof.VerifyConsistency(Number(root, "size1"), Number(root, "size2"), proof, Bytes(root.GetProperty("root1")), Bytes(root.GetProperty("root2")));
            Assert.True(accepted != root.GetProperty("wantErr").GetBoolean(), entry.Name);
            judged++;
        }

        Assert.True(judged > 100, $"only {judged} vectors");
    }

    private static byte[] Bytes(JsonElement element) => element.ValueKind == JsonValueKind.String ? Convert.FromBase64String(element.GetString()!) : [];

    // Sizes are unsigned 64-bit numbers there; what does not fit is no size here.
    private static long Number(JsonElement root, string name) => root.GetProperty(name).TryGetInt64(out long value) ? value : -1;
}
