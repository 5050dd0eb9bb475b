namespace Muniment.Gateway.Llm.Surfaces;

/// <summary>One known path of a provider's API.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Shape">Whose words it speaks.</param>
/// <param name="Name">Name in records, such as <c>chat</c>.</param>
internal sealed record Surface(SurfaceKind Kind, ApiShape Shape, string Name)
{
    /// <summary>Whether the request has a JSON body with texts.</summary>
    public bool TakesJson => Kind is not (SurfaceKind.Upload or SurfaceKind.Models or SurfaceKind.Kept or SurfaceKind.Unknown or SurfaceKind.Mcp);

    /// <summary>Whether it asks a model for an answer, so that usage is counted and other upstreams can take its place.</summary>
    public bool IsModelCall => Kind is SurfaceKind.Chat or SurfaceKind.Completions or SurfaceKind.Responses or SurfaceKind.Messages or SurfaceKind.Embeddings;
}
