using Muniment.Gateway.Llm.Surfaces;

namespace Muniment.Gateway.Tests.Llm;

public class SurfaceTableTests
{
    [Theory]
    [InlineData("POST", "v1/chat/completions", "Chat")]
    [InlineData("POST", "chat/completions", "Chat")]
    [InlineData("POST", "V1/Chat/COMPLETIONS", "Chat")]
    [InlineData("POST", "v1/completions", "Completions")]
    [InlineData("POST", "v1/responses", "Responses")]
    [InlineData("GET", "v1/responses/resp_1", "Kept")]
    [InlineData("POST", "v1/responses/resp_1/cancel", "Kept")]
    [InlineData("GET", "v1/responses/resp_1/input_items", "Kept")]
    [InlineData("POST", "v1/embeddings", "Embeddings")]
    [InlineData("GET", "v1/models", "Models")]
    [InlineData("POST", "v1/files", "Upload")]
    [InlineData("GET", "v1/files/f/content", "Kept")]
    [InlineData("POST", "v1/batches", "FileBatch")]
    [InlineData("POST", "v1/messages", "Messages")]
    [InlineData("POST", "v1/messages/count_tokens", "CountTokens")]
    [InlineData("POST", "v1/messages/batches", "MessageBatch")]
    [InlineData("GET", "v1/messages/batches/b/results", "Kept")]
    [InlineData("PUT", "v1/chat/completions", "Unknown")]
    [InlineData("POST", "v1/images/generations", "Unknown")]
    [InlineData("POST", "v1/v1/chat/completions", "Unknown")]
    [InlineData("GET", "v1/realtime", "Unknown")]
    [InlineData("POST", "openai/deployments/x/chat/completions", "Unknown")]
    public void Paths_are_known_by_method_and_segments(string method, string path, string kind) => Assert.Equal(kind, SurfaceTable.Find(method, path, anthropic: false).Kind.ToString());

    [Theory]
    [InlineData("v1/chat/completions", true)]
    [InlineData("v1/models/gpt-4o@2024:x", true)]
    [InlineData("v1//chat/completions", false)]
    [InlineData("v1/chat/completions/", false)]
    [InlineData("v1/./chat/completions", false)]
    [InlineData("v1/x/../chat/completions", false)]
    [InlineData("v1/%63hat/completions", false)]
    [InlineData("v1\\chat", false)]
    [InlineData("v1/chat;x/completions", false)]
    [InlineData("", false)]
    public void Only_paths_that_all_servers_read_alike_are_plain(string path, bool plain) => Assert.Equal(plain, SurfaceTable.IsPlain(path));
}
